"""Figures of a season for organizers, as its log counts."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from anb.db.session import UnitOfWork
from anb.db.tables_votelog import clip_tallies, player_tallies


class SeasonFigures(NamedTuple):
    """What a season holds; votes are those that count."""

    clips: int  # that are public
    players: int  # who have a place
    votes: int  # of the public
    jury_votes: int


def read_figures(uow: UnitOfWork, season_id: UUID) -> SeasonFigures:
    """Read the figures of a season."""
    tallies, totals = clip_tallies.c, player_tallies.c
    clips = select(func.count()).select_from(clip_tallies).where(tallies.season_id == season_id, tallies.is_open)
    placed = (totals.season_id == season_id, totals.clips > 0)
    players = select(func.count()).select_from(player_tallies).where(*placed)
    votes, jury = (
        select(func.coalesce(func.sum(each), 0)).where(*placed) for each in (totals.votes, totals.jury_votes)
    )
    return SeasonFigures(*(int(uow.execute(each).scalar_one()) for each in (clips, players, votes, jury)))
