"""Removing what is personal from jobs, whose rows and timelines stay."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from anb.db.session import UnitOfWork
from anb.db.tables import job_events, jobs, switches
from anb.jobs.domain import LIVE


def detach(uow: UnitOfWork, video_id: UUID) -> None:
    """Take the video from its ended jobs, as if it were deleted: no operator can queue them again."""
    uow.execute(update(jobs).where(jobs.c.video_id == video_id, jobs.c.state.not_in(LIVE)).values(video_id=None))


def rename_operator(uow: UnitOfWork, name: str, new_name: str) -> None:
    """Replace the name of an operator in the timelines and the drain."""
    for table in (job_events, switches):
        uow.execute(update(table).where(table.c.who == name).values(who=new_name))


def forget_origins(uow: UnitOfWork, before: datetime) -> int:
    """Forget the networks of unfinished jobs made before a moment; ended jobs have none. Return of how many."""
    old = (jobs.c.origin.is_not(None), jobs.c.created_at < before)
    return uow.execute(update(jobs).where(*old).values(origin=None)).rowcount
