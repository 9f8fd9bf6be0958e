"""The ranking, and the rules it follows."""

from fastapi import APIRouter, Response

from anb.contest import service as contest
from anb.pages.lists import PartDep
from anb.pages.upload import MIB
from anb.pages.view import ViewDep
from anb.web.deps import PortsDep, UowDep

router = APIRouter(include_in_schema=False)

PODIUM = 3


@router.api_route("/ranking", methods=["GET", "HEAD"])
def show_ranking(view: ViewDep, part: PartDep, uow: UowDep, ports: PortsDep) -> Response:
    """Show the players by their votes: three on a podium, the others in a table."""
    listed = contest.rank(uow, part.page, part.city or None)
    cities = contest.cities(uow)
    steps = PODIUM if part.is_first else 0
    return view.show(
        "ranking.html",
        podium=listed.rows[:steps],
        rest=listed.rows[steps:],
        total=listed.total,
        paging=part.links("/ranking", listed),
        cities=cities,
        city=part.city_among(cities),
        counted_at=ports.clock.now(),
    )


@router.api_route("/rules", methods=["GET", "HEAD"])
def show_rules(view: ViewDep) -> Response:
    """Show the rules of the contest in plain words."""
    return view.show("rules.html", limits=view.settings, megabytes=view.settings.upload_max_bytes // MIB)
