"""The list of the clips that are open to votes."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Response

from anb.contest import seasons
from anb.contest import service as contest
from anb.contest.domain import Season
from anb.db.session import UnitOfWork
from anb.pages.lists import ListPage, PartDep
from anb.pages.view import ViewDep
from anb.web.deps import PortsDep, UowDep
from anb.web.rate_limits import limited

router = APIRouter(include_in_schema=False)

COUNTS, FIRST_CLIPS = "/fragments/clips", "/fragments/clips/first"


@router.api_route("/", methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)])
def list_clips(view: ViewDep, part: PartDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show the clips that are open to votes, newest first."""
    version = contest.version(uow)  # read before the counts, so that they are not older
    season = part.season_in(uow)
    shown = _clips(uow, part, season)
    cities = contest.cities(uow, season)
    return view.show(
        "home.html",
        **shown,
        seasons=seasons.list_begun(uow),
        slug=part.slug,
        cities=cities,
        city=part.city_among(cities),
        counted_at=ports.clock.now(),
        counts=part.address(COUNTS if shown["clips"] else FIRST_CLIPS),
        version=version,
    )


@router.api_route(FIRST_CLIPS, methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)])
def show_first_clips(view: ViewDep, part: PartDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show a page of clips again that had none, and where its counts are once it has some."""
    shown = _clips(uow, part, part.season_in(uow))
    counts = part.address(COUNTS) if shown["clips"] else ""
    return view.show(
        "counts_first_clips.html", **shown, city=part.city, counted_at=ports.clock.now(), next_counts=counts
    )


def _clips(uow: UnitOfWork, part: ListPage, season: Season | None) -> dict[str, Any]:
    listed = contest.list_public(uow, part.page, part.city or None, season)
    return {
        "clips": listed.rows,
        "total": listed.total,
        "paging": part.links("/", listed),
        "level": 2
        if part.is_first and not part.city and not part.slug
        else 1,  # of the list's heading, below that of the home page
    }


@router.api_route(COUNTS, methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)])
def count_clips(view: ViewDep, part: PartDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show the counts of a page of clips again, and those of as many more: newer clips push them down."""
    page = replace(part.page, limit=2 * part.page.limit)
    listed = contest.list_public(uow, page, part.city or None, part.season_in(uow))
    return view.show("counts_clips.html", clips=listed.rows, total=listed.total, counted_at=ports.clock.now())
