"""The page of a season's results: its winners, the whole ranking, and how to check the count."""

from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from anb.contest import seasons
from anb.pages.lists import PartDep
from anb.pages.view import View, ViewDep
from anb.results import service
from anb.results.domain import FinalPlace
from anb.results.exports import shown_name
from anb.web.deps import UowDep
from anb.web.rate_limits import limited

router = APIRouter(include_in_schema=False)

PODIUM = 3
CHECKED_HERE = 2_000_000  # leaves that a phone's browser can download and count; the program takes more
LEAF_BYTES = 40  # nearly all are votes
# As recount.js and verify.js name them.
OUTCOMES = ("begun", "right", "differs", "unable", "unsigned")
DIFFERENCES = ("closed", "key", "leaf", "name", "place", "root", "shortened", "signature", "twice")
Version = Annotated[int | None, Query(ge=1, le=1_000_000)]


@router.api_route("/results", methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)])
def show_results(request: Request, view: ViewDep, part: PartDep, uow: UowDep, version: Version = None) -> Response:
    """Show the results of a season, by default of the one that closed last. Raises SeasonNotFound, ResultsNotReady."""
    found = service.show(uow, part.slug, version) if part.slug else service.show_latest(uow)
    if found is None:
        return view.show("results_none.html", coming=seasons.current_season(uow))
    listed = service.list_places(uow, found, part.page, part.city or None)
    winners = service.list_winners(uow, found)
    in_country = part.is_first and not part.city
    return view.show(
        "results.html",
        results=found,
        versions=service.list_versions(uow, found.season_id),
        podium=[place for place in listed.rows[:PODIUM] if place.votes] if in_country else [],
        cities=by_city(winners) if in_country else [],
        city=part.city,
        rows=listed.rows,
        total=listed.total,
        paging=part.links("/results", listed),
        name=shown_name,
        megabytes=max(found.log_size * LEAF_BYTES / 1e6, 0.1) if found.log_size <= CHECKED_HERE else None,
        words=_words(view),
        site=str(view.settings.public_url or request.base_url).rstrip("/"),
    )


def by_city(winners: list[FinalPlace]) -> list[tuple[str, list[FinalPlace]]]:
    """Return the winners of each city."""
    grouped = (list(group) for _, group in groupby(winners, key=lambda place: place.city_key))
    return [(group[0].city, group) for group in grouped]


def _words(view: View) -> dict[str, str]:
    """Return what the script says of a count in the browser; a difference is named by what differs."""
    said = {name: view.t.pattern(f"results.here_{name}") for name in OUTCOMES}
    return said | {f"differs_{name}": view.t.pattern(f"results.differs_{name}") for name in DIFFERENCES}
