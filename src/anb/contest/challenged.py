"""The challenge before a vote, where the settings ask for one."""

from uuid import UUID

from anb.accounts.domain import Actor
from anb.challenges import service as challenges
from anb.challenges.domain import ChallengeExpired, ChallengeNeeded, ChallengePurpose, ChallengeSpent, ChallengeWrong
from anb.contest import service
from anb.db.session import UnitOfWork
from anb.fraud.callers import seems_doubtful
from anb.logs import record
from anb.ports import Ports
from anb.settings import Settings
from anb.signals.domain import Trace
from anb.web.rate_limits import spoken

REFUSALS = ChallengeNeeded, ChallengeExpired, ChallengeWrong, ChallengeSpent
Fault = type[ChallengeNeeded] | None


def find_fault(ports: Ports, settings: Settings, actor: Actor, video_id: UUID, solution: str | None) -> Fault:
    """Say what is wrong with the solution that came with a vote; None if it is right, or no voter is asked for one.

    It asks Valkey what was spent, so call it before the transaction.
    """
    if settings.challenge_votes == "never":
        return None
    return challenges.find_fault(ports, settings, _purpose(actor, video_id), solution)


def was_counted(settings: Settings, fault: Fault) -> bool:
    """Say whether a vote brings a right solution: the request that got the challenge was counted for it."""
    return fault is None and settings.challenge_votes != "never"


def check(
    uow: UnitOfWork, ports: Ports, settings: Settings, actor: Actor, video_id: UUID, trace: Trace, fault: Fault
) -> None:
    """Check that a voter has solved a challenge for this vote, if one is asked of them.

    What refuses the vote anyway is said instead, before a device computes for a second in vain. Raises ChallengeNeeded,
    ChallengeExpired, ChallengeWrong, ChallengeSpent, and what `cast_vote` raises.
    """
    if fault is None or not _is_asked(uow, settings, actor, video_id, trace):
        return
    service.check_vote(uow, ports, actor, video_id)
    if fault is not ChallengeNeeded:
        record("contest.challenge.failed", account_id=actor.account_id, video_id=video_id, reason=fault.code)
    challenge = challenges.issue(ports, settings, _purpose(actor, video_id))
    raise fault(challenge=challenge, good_for=spoken(settings.challenge_seconds))


def _is_asked(uow: UnitOfWork, settings: Settings, actor: Actor, video_id: UUID, trace: Trace) -> bool:
    if settings.challenge_votes == "doubtful":
        return seems_doubtful(uow, settings, actor.account_id, video_id, trace)
    return True


def _purpose(actor: Actor, video_id: UUID) -> ChallengePurpose:
    return ChallengePurpose("vote", actor.account_id, video_id)
