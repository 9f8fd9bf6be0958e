"""Judges votes before they are counted: what the database knows of them, in a few statements for a whole batch."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from anb.db.session import UnitOfWork
from anb.fraud.doubts import ClipMark, Doubt, MarkKind, MarkLimits, VoteFacts, find_doubts
from anb.settings.fraud import FraudSettings
from anb.signals.disposable import is_disposable

# A vote without an address block comes from this machine or an exempt network, which the operator vouches for. What was
# released is not judged again, and neither is what was cast before votes were held.
_FACTS = text("""
select votes.id, votes.video_id, votes.cast_at, trace.device, trace.block, users.email,
    users.email_confirmed_at is not null as is_confirmed,
    users.created_at > votes.cast_at - make_interval(hours => :new_hours) as is_new,
    cluster_members.cleared_at is not null as is_cleared,
    cluster_members.account_id is not null and cluster_members.cleared_at is null as is_clustered,
    (
        select count(*) from votes as own
        where own.voter_id = votes.voter_id and not own.jury and own.cast_at <= votes.cast_at
            and own.cast_at > votes.cast_at - make_interval(mins => :pace_minutes)
    ) as recent_votes,
    case when trace.device = '' then 0 else (
        select count(distinct same.account_id) from signals as same where same.device = trace.device
    ) end as device_accounts,
    (
        select count(*) from mailboxes as own join mailboxes as same on same.mark = own.mark
        where own.account_id = votes.voter_id
    ) as mailbox_accounts
from votes
join users on users.id = votes.voter_id
join lateral (
    select device, block from signals where account_id = votes.voter_id and act = 'vote'
    order by last_seen desc, first_seen desc limit 1
) as trace on trace.block <> ''
left join cluster_members on cluster_members.account_id = votes.voter_id
where votes.id = any(:ids) and not votes.jury and votes.voided_at is null
    and votes.cast_at > coalesce(cast(:at as timestamptz), now()) - interval '1 day'
    and not exists (select from released_votes where released_votes.vote_id = votes.id)
order by votes.id
""")
_COUNT = text("""
insert into clip_marks (video_id, kind, mark, votes)
select * from unnest(cast(:videos as uuid[]), cast(:kinds as text[]), cast(:marks as text[]), cast(:counts as int[]))
on conflict (video_id, kind, mark) do update
set votes = clip_marks.votes + excluded.votes, last_at = now()
returning video_id, kind, mark, votes
""")
_TOTALS = text("select video_id, count(*) as votes from votes where video_id = any(:videos) group by video_id")
_COUNT_WEAK = text("""
insert into clip_hours (video_id, hour, weak_votes)
select * from unnest(cast(:videos as uuid[]), cast(:hours as timestamptz[]), cast(:counts as int[])) order by 1, 2
on conflict (video_id, hour) do update set weak_votes = clip_hours.weak_votes + excluded.weak_votes
""")
# Of this hour and the last one, and of a day: whichever is more. Our pages show the clip before a vote and after it, so
# a vote comes with two views; they are counted some seconds later.
_EXCESS = text("""
with present as (select coalesce(cast(:at as timestamptz), now()) as at)
select video_id, greatest(
    sum(2 * weak_votes - views) filter (where hour >= date_trunc('hour', at - interval '1 hour')),
    sum(2 * weak_votes - views)
) / 2 - :burst_votes as excess
from clip_hours, present
where video_id = any(:videos) and hour >= date_trunc('hour', at - interval '1 day')
group by video_id
""")


def judge(
    uow: UnitOfWork, settings: FraudSettings, vote_ids: Collection[int], at: datetime | None = None
) -> dict[int, tuple[Doubt, ...]]:
    """Return the doubtful ones of these votes, with the reasons; `at` is the present of a simulation.

    It counts what it judges, in the caller's transaction: a vote is judged once, in the transaction that holds or
    counts it.
    """
    if not settings.fraud_holds or not vote_ids:
        return {}
    votes = _find_facts(uow, settings, vote_ids, at)
    counted = _count(uow, Counter(mark for vote in votes for mark in vote.marks))
    limits = MarkLimits(settings)
    above = {mark.video_id for mark, count in counted.items() if count > limits.of(mark)}
    if above:
        limits = MarkLimits(settings, _totals(uow, above))
    return find_doubts(votes, counted, limits, _count_weak(uow, settings, votes, at))


def _find_facts(
    uow: UnitOfWork, settings: FraudSettings, vote_ids: Collection[int], at: datetime | None
) -> list[VoteFacts]:
    limits = {"at": at, "new_hours": settings.fraud_new_hours, "pace_minutes": settings.fraud_pace_minutes}
    return [_facts(row) for row in uow.execute(_FACTS, {"ids": sorted(vote_ids), **limits})]


def _count(uow: UnitOfWork, new: Counter[ClipMark]) -> dict[ClipMark, int]:
    if not new:
        return {}
    marks = sorted(new)
    rows = uow.execute(
        _COUNT,
        {
            "videos": [each.video_id for each in marks],
            "kinds": [each.kind.value for each in marks],
            "marks": [each.mark for each in marks],
            "counts": [new[each] for each in marks],
        },
    )
    return {ClipMark(row.video_id, MarkKind(row.kind), row.mark): row.votes for row in rows}


def _count_weak(
    uow: UnitOfWork, settings: FraudSettings, votes: Sequence[VoteFacts], at: datetime | None
) -> dict[UUID, int]:
    """Count the votes of weak accounts, and return by how many a clip has more than its views explain."""
    hours = Counter((vote.video_id, _hour(vote.cast_at)) for vote in votes if vote.needs_views)
    if not hours:
        return {}
    videos = [video_id for video_id, _ in hours]
    uow.execute(_COUNT_WEAK, {"videos": videos, "hours": [hour for _, hour in hours], "counts": list(hours.values())})
    found = uow.execute(_EXCESS, {"at": at, "videos": videos, "burst_votes": settings.fraud_burst_votes})
    return _positive(found)


def _totals(uow: UnitOfWork, videos: Collection[UUID]) -> dict[UUID, int]:
    """Count all votes of clips: only of those that may have too many of a kind."""
    found = uow.execute(_TOTALS, {"videos": list(videos)})
    return {row.video_id: row.votes for row in found}


def _positive(rows: Iterable[Row[Any]]) -> dict[UUID, int]:
    return {row.video_id: row.excess for row in rows if row.excess > 0}


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _facts(row: Row[Any]) -> VoteFacts:
    known = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    email = known.pop("email")
    return VoteFacts(**known, is_disposable=is_disposable(email))
