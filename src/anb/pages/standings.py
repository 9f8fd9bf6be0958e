"""The page of the ranking."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from anb.accounts.domain import fold
from anb.contest import seasons, standings
from anb.contest import service as contest
from anb.contest.domain import Rank, Season
from anb.contest.standings import Neighbourhood
from anb.db.session import UnitOfWork
from anb.pages.lists import ListPage, PartDep
from anb.pages.view import View, ViewDep
from anb.web.deps import PortsDep, UowDep
from anb.web.rate_limits import limited

router = APIRouter(include_in_schema=False)

PODIUM = 3


@router.api_route("/ranking", methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)])
def show_ranking(view: ViewDep, part: PartDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show the players by their votes: three on a podium, the others in a table."""
    version = contest.version(uow)  # read before the counts, so that they are not older
    season = part.season_in(uow)
    cities = contest.cities(uow, season)
    near = _near(uow, view, part, season)
    rows = [*near.ahead, near.own, *near.behind] if near else []
    return view.show(
        "ranking.html",
        **_standings(uow, part, season),
        near=rows,
        my_rank=near and near.own,
        near_gaps=gaps(rows),
        near_clips=standings.show_clips(uow, rows, season) if rows else {},
        seasons=seasons.list_begun(uow),
        slug=part.slug,
        cities=cities,
        city=part.city_among(cities),
        counted_at=ports.clock.now(),
        counts=part.address("/fragments/ranking"),
        version=version,
    )


@router.api_route("/fragments/ranking", methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)])
def count_ranking(view: ViewDep, part: PartDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show the part of the ranking that changes with votes again, for an open page."""
    shown = _standings(uow, part, part.season_in(uow))
    return view.show("counts_ranking.html", **shown, city=part.city, counted_at=ports.clock.now())


def _standings(uow: UnitOfWork, part: ListPage, season: Season | None) -> dict[str, Any]:
    listed = contest.rank(uow, part.page, part.city or None, season)
    steps = PODIUM if part.is_first else 0
    return {
        "part": part,
        "podium": listed.rows[:steps],
        "rest": listed.rows[steps:],
        "clips": standings.show_clips(uow, listed.rows, season),
        "gaps": gaps(listed.rows),
        "total": listed.total,
        "paging": part.links("/ranking", listed),
    }


def gaps(rows: Sequence[Rank]) -> dict[UUID, int]:
    """Return how many votes each player has less than the one before, by the player; the first of a page has none."""
    return {lower.player_id: upper.votes - lower.votes for upper, lower in pairwise(rows)}


def _near(uow: UnitOfWork, view: View, part: ListPage, season: Season | None) -> Neighbourhood | None:
    """Return the reader's own place among those next to it; None without a place in this ranking."""
    found = None if view.caller is None else standings.find_standing(uow, view.caller, season)
    if found is None or (part.city and fold(part.city) != fold(found.city.own.city)):
        return None
    return found.city if part.city else found.country
