"""The organizers' page of charts: edits, votes, views and cities; each picture with its table."""

from collections.abc import Sequence
from typing import NamedTuple

from fastapi import APIRouter, Response

from anb.contest import seasons
from anb.contest.figures import list_cities
from anb.jobs import service as jobs
from anb.moderation.vote_effects import list_view_hours
from anb.pages import charts
from anb.pages.lists import Slug
from anb.pages.organizer import OrganizerDep, console
from anb.pages.view import ViewDep
from anb.votelog.growth import list_days
from anb.web.deps import UowDep

PART = "charts"
DAYS, CITIES, CLIPS = 14, 20, 200

router = APIRouter(prefix="/organizer/charts", include_in_schema=False)


class BarChart(NamedTuple):
    """A picture of bars."""

    bars: Sequence[charts.Bar]
    highest: int
    size: tuple[int, int] = (charts.WIDTH, charts.HEIGHT)


@router.api_route("", methods=["GET", "HEAD"])
def show_charts(view: ViewDep, _: OrganizerDep, uow: UowDep, season: Slug = "") -> Response:
    """Show how the contest goes, in pictures. Raises SeasonNotFound."""
    chosen = seasons.show(uow, season) if season else next(iter(seasons.list_begun(uow)), None)
    days = jobs.list_edit_days(uow, DAYS)
    cities = list_cities(uow, chosen.id, CITIES) if chosen else []
    log_days = list_days(uow, chosen.id, DAYS) if chosen else []
    hours = list_view_hours(uow, chosen.id, CLIPS) if chosen else []
    return console(
        view,
        "organizer_charts.html",
        PART,
        season=chosen,
        days=days,
        cities=cities,
        edits=_drawn([each.edits for each in days]),
        waits=_drawn([round(each.waited or 0) for each in days]),
        times=_drawn([round(each.took or 0) for each in days]),
        log_days=log_days,
        entries=_drawn([each.entries for each in log_days]),
        hours=hours,
        clips=CLIPS,
        views=_drawn([each.views for each in hours]),
        votes=_drawn([each.votes for each in cities]),
    )


def _drawn(values: Sequence[int]) -> BarChart:
    highest = max(values, default=0)
    return BarChart(charts.bars(values, highest), highest)
