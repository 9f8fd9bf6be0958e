"""The organizers' pages of a season's calendar: the timeline that can be edited, the early close, and the reopening."""

from collections.abc import Mapping
from functools import partial

from fastapi import APIRouter, Response
from pydantic import ValidationError

from anb.contest import seasons
from anb.contest.domain import Season, SeasonCalendar
from anb.contest.season_schemas import CalendarSchema, SeasonReopened
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.pages.forms import FromOurPages, Typed
from anb.pages.organizer import OrganizerDep
from anb.pages.organizer_acts import Question, ask, ask_again, local, reason_of, show_sheet, zoned
from anb.pages.organizer_rules import SeasonSlug
from anb.pages.organizer_seasons import HERE, MOMENTS, PART, count
from anb.pages.view import View, ViewDep
from anb.web.deps import DatabaseDep, UowDep

router = APIRouter(prefix="/organizer/seasons/{slug}", include_in_schema=False)


@router.api_route("/calendar", methods=["GET", "HEAD"])
def show_calendar(view: ViewDep, _: OrganizerDep, uow: UowDep, slug: SeasonSlug) -> Response:
    """Show the calendar of a season in its form. Raises SeasonNotFound."""
    season = seasons.show(uow, slug)
    return _calendar(view, season, {name: local(getattr(season, name)) for name in MOMENTS})


@router.post("/calendar", dependencies=[FromOurPages])
def move(view: ViewDep, by: OrganizerDep, database: DatabaseDep, form: Typed, slug: SeasonSlug) -> Response:
    """Give a season another calendar. Raises SeasonNotFound."""
    try:
        with database.transaction() as uow:
            calendar = _said(seasons.show(uow, slug), form)
            seasons.reschedule(uow, by, slug, calendar, reason_of(form))
    except (ValidationError, Refusal) as error:
        with database.reading() as uow:
            season = seasons.show(uow, slug)
        return _calendar(view, season, form, error)
    return view.go(f"{HERE}/{slug}?done=moved")


@router.api_route("/close", methods=["GET", "HEAD"])
def ask_to_close(view: ViewDep, _: OrganizerDep, uow: UowDep, slug: SeasonSlug) -> Response:
    """Say what closing a season now means. Raises SeasonNotFound."""
    return ask(view, PART, _closing(uow, slug))


@router.post("/close", dependencies=[FromOurPages])
def close(view: ViewDep, by: OrganizerDep, database: DatabaseDep, form: Typed, slug: SeasonSlug) -> Response:
    """Close a season now. Raises SeasonNotFound."""
    try:
        with database.transaction() as uow:
            seasons.close_season(uow, by, reason_of(form), slug)
    except Refusal as error:
        return ask_again(view, PART, database, partial(_closing, slug=slug), form, error)
    return view.go(f"{HERE}/{slug}?done=closed")


@router.api_route("/reopen", methods=["GET", "HEAD"])
def ask_to_reopen(view: ViewDep, _: OrganizerDep, uow: UowDep, slug: SeasonSlug) -> Response:
    """Say what reopening a season means. Raises SeasonNotFound."""
    return ask(view, PART, _reopening(uow, slug))


@router.post("/reopen", dependencies=[FromOurPages])
def reopen(view: ViewDep, by: OrganizerDep, database: DatabaseDep, form: Typed, slug: SeasonSlug) -> Response:
    """Let votes count again in a closed season. Raises SeasonNotFound."""
    try:
        asked = SeasonReopened.model_validate(
            {"closed_at": zoned(form.get("closed_at", "")), "reason": reason_of(form)}
        )
        with database.transaction() as uow:
            seasons.reopen(uow, by, slug, asked.closed_at, asked.reason)
    except (ValidationError, Refusal) as error:
        return ask_again(view, PART, database, partial(_reopening, slug=slug), form, error)
    return view.go(f"{HERE}/{slug}?done=reopened")


def _said(season: Season, form: Mapping[str, str]) -> SeasonCalendar:
    """Return the calendar that a form says; a moment that was not touched stays to the microsecond."""
    said: dict[str, object] = {}
    for name in MOMENTS:
        before, typed = getattr(season, name), form.get(name)
        same = typed is None or typed.strip() == local(before)
        said[name] = before if same else zoned(typed or "")
    return CalendarSchema.model_validate(said).calendar()


def _calendar(
    view: View, season: Season, typed: Mapping[str, str], error: ValidationError | Refusal | None = None
) -> Response:
    return show_sheet(view, "organizer_calendar.html", PART, typed, error, season=season, moments=MOMENTS)


def _closing(uow: UnitOfWork, slug: str) -> Question:
    season = seasons.show(uow, slug)
    found = count(uow, season)
    numbers = [("clips", found.figures.clips), ("votes", found.figures.votes), ("held", found.held)]
    place = f"{HERE}/{season.slug}"
    return Question("close", f"{place}/close", place, season.name, numbers, ["why"])


def _reopening(uow: UnitOfWork, slug: str) -> Question:
    season = seasons.show(uow, slug)
    figures = count(uow, season).figures
    numbers = [("clips", figures.clips), ("votes", figures.votes)]
    place = f"{HERE}/{season.slug}"
    return Question("reopen", f"{place}/reopen", place, season.name, numbers, ["moment", "reason"])
