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


class CityFigures(NamedTuple):
    """What a city has in a season."""

    city: str
    players: int
    votes: int  # of the public


def list_cities(uow: UnitOfWork, season_id: UUID, most: int) -> list[CityFigures]:
    """Return the cities of a season, those with the most votes first."""
    totals = player_tallies.c
    votes = func.coalesce(func.sum(totals.votes), 0)
    query = (
        select(func.min(totals.city).label("city"), func.count().label("players"), votes.label("votes"))
        .where(totals.season_id == season_id, totals.clips > 0)
        .group_by(totals.city_key)
        .order_by(votes.desc(), totals.city_key)
        .limit(most)
    )
    return [CityFigures(row.city, row.players, int(row.votes)) for row in uow.execute(query)]
