"""Clips whose consent was taken back after their edit: hidden, and out of the organizers' hands, until it returns."""

from uuid import UUID

from sqlalchemy import and_, case, null, select, update

from anb.db.session import UnitOfWork
from anb.db.tables import videos
from anb.videos.domain import Status
from anb.videos.verdict import ConsentLoss

_KEPT = videos.c.withdrawn_at.is_(None)


def list_concerned(uow: UnitOfWork, owner_id: UUID) -> list[tuple[UUID, bool]]:
    """Return a player's clips that are or will be shown, and whether each has an edit."""
    shown = and_(videos.c.owner_id == owner_id, videos.c.status != Status.FAILED.value, _KEPT)
    rows = uow.execute(select(videos.c.id, videos.c.status).where(shown).order_by(videos.c.id))
    return [(row.id, row.status == Status.PROCESSED.value) for row in rows]


def hide(uow: UnitOfWork, video_id: UUID) -> None:
    """Hide an edited clip; noted is whether it was public. Votes stay, and count again once it returns."""
    was = case((videos.c.published_at.is_not(None), ConsentLoss.PUBLIC.value), else_=ConsentLoss.PRIVATE.value)
    here = (videos.c.id == video_id, videos.c.consent_lost.is_(None), _KEPT)
    uow.execute(update(videos).where(*here).values(published_at=null(), consent_lost=was))


def end(uow: UnitOfWork, owner_id: UUID) -> int:
    """Show the clips of a player again that were public when their consent was lost; return how many were concerned."""
    at = case(
        (videos.c.consent_lost == ConsentLoss.PUBLIC.value, videos.c.first_published_at), else_=videos.c.published_at
    )
    lost = (videos.c.owner_id == owner_id, videos.c.consent_lost.is_not(None), _KEPT)
    return uow.execute(update(videos).where(*lost).values(published_at=at, consent_lost=null())).rowcount
