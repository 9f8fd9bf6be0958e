"""The page of a season's rules: its dates, what its settings mean in words, its jury, prizes and contact."""

from datetime import datetime

from fastapi import APIRouter, Response

from anb.contest import seasons
from anb.contest.domain import Season
from anb.db.session import UnitOfWork
from anb.pages.lists import Slug
from anb.pages.view import View, ViewDep
from anb.settings import MIB
from anb.settings.consents import UNNAMED
from anb.web.deps import UowDep
from anb.web.rate_limits import limited

router = APIRouter(include_in_schema=False)

# In the order of a season's course.
MOMENTS = ("opened_at", "votes_open_at", "uploads_close_at", "closed_at", "jury_closes_at", "results_at")


@router.api_route("/rules", methods=["GET", "HEAD"], dependencies=[limited(block="read", told=False)])
def show_rules(view: ViewDep, uow: UowDep, season: Slug = "") -> Response:
    """Show the rules of a season, by default of the present one, else of the next. Raises SeasonNotFound."""
    presented = seasons.presented(uow)
    shown = seasons.show(uow, season) if season else presented
    is_presented = presented is not None and shown is not None and shown.id == presented.id
    return view.show(
        "rules.html",
        limits=view.settings,
        megabytes=view.settings.upload_max_bytes // MIB,
        seasons=_chosen_from(uow, presented),
        slug="" if is_presented else season,
        season=shown,
        dates=_dates(shown) if shown else {},
        prizes=view.settings.prizes if is_presented else "",
        contact=_contact(view),
    )


def _chosen_from(uow: UnitOfWork, presented: Season | None) -> list[Season]:
    """Return the seasons whose rules can be read: the one that is shown by default, those that began, the next one."""
    coming = seasons.upcoming(uow)
    listed = [each for each in (presented, *seasons.list_begun(uow), coming) if each is not None]
    return list({each.id: each for each in listed}.values())


def _dates(season: Season) -> dict[str, datetime]:
    """Return the moments that the calendar of a season names."""
    return {name: moment for name in MOMENTS if (moment := getattr(season, name)) is not None}


def _contact(view: View) -> str:
    """Return where people ask about the contest: if nothing else is set, where they ask about their data."""
    email = view.settings.controller_email
    return view.settings.contact or ("" if email == UNNAMED else email)
