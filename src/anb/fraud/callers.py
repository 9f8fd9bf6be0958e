"""Whether who votes seems doubtful at that moment: less than what a vote is judged by later, in one statement."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from anb.db.session import UnitOfWork
from anb.fraud.doubts import VoterFacts, doubts_of_voter
from anb.settings.fraud import FraudSettings
from anb.signals.disposable import is_disposable
from anb.signals.domain import Trace

# Each count ends where the rule does not need to know more.
_FACTS = text("""
select users.email, users.role = 'juror' as is_juror,
    users.email_confirmed_at is not null as is_confirmed,
    users.created_at > now() - make_interval(hours => :new_hours) as is_new,
    cluster_members.cleared_at is not null as is_cleared,
    cluster_members.account_id is not null and cluster_members.cleared_at is null as is_clustered,
    1 + (
        select count(*) from (
            select from votes as own
            where own.voter_id = users.id and not own.jury
                and own.cast_at > now() - make_interval(mins => :pace_minutes)
            limit :pace_votes
        ) as recent
    ) as recent_votes,
    case when :device = '' then 0 else (
        select count(*) from (
            select distinct same.account_id from signals as same where same.device = :device limit :device_accounts
        ) as users_of_device
    ) end as device_accounts,
    (
        select count(*) from (
            select from mailboxes as own join mailboxes as same on same.mark = own.mark
            where own.account_id = users.id limit :mailbox_accounts
        ) as owners
    ) as mailbox_accounts,
    coalesce((
        select votes from clip_marks
        where video_id = :video_id and kind = 'block' and mark = :block
    ), 0) as block_votes
from users left join cluster_members on cluster_members.account_id = users.id
where users.id = :account_id
""")


@dataclass(frozen=True, kw_only=True)
class CallerFacts(VoterFacts):
    """What is known of a caller that wants to vote for a clip."""

    is_juror: bool
    is_program: bool
    block_votes: int  # for the clip, by programs of the caller's address block


def is_doubtful(caller: CallerFacts, settings: FraudSettings) -> bool:
    """Say whether nothing vouches for a caller, or something points at many accounts of one hand.

    Programs of one address block are doubtful from half of the number from which their votes are held.
    """
    if caller.is_juror:
        return False
    crowded = caller.is_program and not caller.is_cleared and 2 * caller.block_votes >= settings.fraud_block_votes
    return caller.is_weak or crowded or doubts_of_voter(caller, settings) != ()


def seems_doubtful(uow: UnitOfWork, settings: FraudSettings, account_id: UUID, video_id: UUID, trace: Trace) -> bool:
    """Say whether an account that wants to vote for a clip seems doubtful.

    Callers from this machine or an exempt network are not: the operator vouches for them.
    """
    if trace.block is None:
        return False
    row = uow.execute(
        _FACTS,
        {
            "account_id": account_id,
            "video_id": video_id,
            "device": trace.device or "",
            "block": trace.block,
            "new_hours": settings.fraud_new_hours,
            "pace_minutes": settings.fraud_pace_minutes,
            "pace_votes": settings.fraud_pace_votes,
            "device_accounts": settings.fraud_device_accounts,
            "mailbox_accounts": settings.fraud_mailbox_accounts,
        },
    ).one_or_none()
    if row is None:
        return False
    known = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    email = known.pop("email")
    facts = CallerFacts(**known, is_disposable=is_disposable(email), is_program=not trace.device)
    return is_doubtful(facts, settings)
