"""Votes that were cast, as their promises and receipts need them."""

from uuid import UUID

from sqlalchemy import select

from anb.db.session import UnitOfWork
from anb.db.tables import votes
from anb.db.tables_seasons import seasons
from anb.votelog.publishing import PromisedVote


def find(uow: UnitOfWork, voter_id: UUID, video_id: UUID) -> PromisedVote | None:
    """Return a person's vote for a video."""
    vote = votes.c
    columns = (
        vote.id, vote.season_id, seasons.c.slug, vote.video_id, vote.voter_id, vote.jury, vote.cast_at,
        seasons.c.closed_at.label("closes_at"),
    )  # fmt: skip
    chosen = select(*columns).join(seasons, seasons.c.id == vote.season_id)
    row = uow.execute(chosen.where(vote.voter_id == voter_id, vote.video_id == video_id)).one_or_none()
    return None if row is None else PromisedVote(**row._mapping)  # noqa: SLF001
