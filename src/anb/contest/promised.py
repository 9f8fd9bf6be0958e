"""Promises and receipts of a person's own votes."""

from uuid import UUID

from sqlalchemy import select

from anb.db.session import UnitOfWork
from anb.db.tables import votes
from anb.db.tables_seasons import seasons
from anb.votelog.domain import NotInLog
from anb.votelog.publishing import PromisedVote


def find(uow: UnitOfWork, voter_id: UUID, video_id: UUID) -> PromisedVote:
    """Return a person's vote for a video. Raises NotInLog."""
    vote = votes.c
    columns = (
        vote.id, vote.season_id, seasons.c.slug, vote.video_id, vote.voter_id, vote.jury, vote.cast_at,
        seasons.c.closed_at.label("closes_at"),
    )  # fmt: skip
    chosen = select(*columns).join(seasons, seasons.c.id == vote.season_id)
    row = uow.execute(chosen.where(vote.voter_id == voter_id, vote.video_id == video_id)).one_or_none()
    if row is None:
        raise NotInLog
    return PromisedVote(**row._mapping)  # noqa: SLF001
