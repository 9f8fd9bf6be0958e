"""The pages of the ranking and of the contest's rules."""

from typing import Any

from fastapi import APIRouter, Response

from anb.contest import seasons
from anb.contest import service as contest
from anb.contest.domain import Season
from anb.db.session import UnitOfWork
from anb.pages.lists import ListPage, PartDep
from anb.pages.view import ViewDep
from anb.settings import MIB
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
    return view.show(
        "ranking.html",
        **_standings(uow, part, season),
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
        "total": listed.total,
        "paging": part.links("/ranking", listed),
    }


@router.api_route("/rules", methods=["GET", "HEAD"])
def show_rules(view: ViewDep) -> Response:
    """Show the rules of the contest in plain words."""
    return view.show("rules.html", limits=view.settings, megabytes=view.settings.upload_max_bytes // MIB)
