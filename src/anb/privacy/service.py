"""The operations on a person's own data, across all features that hold some of it."""

from functools import partial
from uuid import UUID

from anb.contest import service as contest
from anb.contest.domain import VoidReason
from anb.db.session import UnitOfWork
from anb.logs import record
from anb.moderation import reports
from anb.ports import Ports
from anb.privacy.domain import Withdrawal
from anb.resumable import service as resumable
from anb.videos import removal


def withdraw(uow: UnitOfWork, ports: Ports, video_id: UUID, caller: UUID) -> Withdrawal:
    """Take a clip that is or was public out of the contest for good. Harmless when repeated.

    The clip is hidden and its votes are voided in one transaction; the files go after its commit. Votes of a closed
    season have been counted and stay. Raises VideoNotFound, NotYourVideo, NeverPublic.
    """
    if not removal.withdraw(uow, ports, video_id, caller):
        return Withdrawal(video_id, 0)
    voided = contest.void_votes(uow, video_id, VoidReason.WITHDRAWN)
    resumable.forget(uow, video_id)
    reports.close_withdrawn(uow, video_id)
    uow.after_commit(partial(record, "privacy.clip.withdrawn", account_id=caller, video_id=video_id, votes=voided))
    return Withdrawal(video_id, voided)
