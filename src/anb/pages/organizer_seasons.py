"""The organizers' pages of seasons: the list, a new one, and one with its calendar, rules and counts."""

from typing import NamedTuple

from fastapi import APIRouter, Response
from pydantic import ValidationError

from anb.contest import seasons
from anb.contest.domain import Season, SeasonCalendar
from anb.contest.figures import SeasonFigures, read_figures
from anb.contest.jury_schemas import MOST_CRITERIA
from anb.contest.season_schemas import CalendarSchema, NewSeason
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.pages.forms import FromOurPages, TypedWide
from anb.pages.organizer import OrganizerDep, console
from anb.pages.organizer_acts import show_sheet, zoned
from anb.pages.organizer_rules import SeasonSlug, said_rules, written
from anb.pages.view import View, ViewDep
from anb.votelog import service as votelog
from anb.web.deps import DatabaseDep, UowDep

HERE = "/organizer/seasons"
PART = "seasons"
MOMENTS = tuple(SeasonCalendar.__dataclass_fields__)

router = APIRouter(prefix=HERE, include_in_schema=False)


class SeasonCounts(NamedTuple):
    """What a season holds."""

    figures: SeasonFigures
    held: int  # votes that wait for review


def count(uow: UnitOfWork, season: Season) -> SeasonCounts:
    """Count what a season holds."""
    return SeasonCounts(read_figures(uow, season.id), votelog.figures(uow, season.id).held)


@router.api_route("", methods=["GET", "HEAD"])
def list_all(view: ViewDep, _: OrganizerDep, uow: UowDep) -> Response:
    """List the seasons, the latest first."""
    return console(view, "organizer_seasons.html", PART, seasons=seasons.list_seasons(uow))


@router.api_route("/new", methods=["GET", "HEAD"])
def show_new(view: ViewDep, _: OrganizerDep) -> Response:
    """Show the form of a new season, with the rules that most contests want."""
    return _new(view, written(NewSeason(name="-").rules.rules()))


@router.post("/new", dependencies=[FromOurPages])
def create(view: ViewDep, by: OrganizerDep, database: DatabaseDep, form: TypedWide) -> Response:
    """Create a season."""
    try:
        name = NewSeason.model_validate({"name": form.get("name", "").strip()}).name
        calendar = CalendarSchema.model_validate({name: zoned(form.get(name, "")) for name in MOMENTS}).calendar()
        rules = said_rules(form)
        with database.transaction() as uow:
            season = seasons.schedule(uow, by, name, rules, calendar)
    except (ValidationError, Refusal) as error:
        return _new(view, form, error)
    return view.go(f"{HERE}/{season.slug}?done=created")


@router.api_route("/{slug}", methods=["GET", "HEAD"])
def show(view: ViewDep, _: OrganizerDep, uow: UowDep, slug: SeasonSlug, done: str = "") -> Response:
    """Show a season: its phase, what it holds, and its rules. Raises SeasonNotFound."""
    season = seasons.show(uow, slug)
    return console(
        view,
        "organizer_season.html",
        PART,
        season=season,
        counts=count(uow, season),
        moments=MOMENTS,
        done=done if done in {"created", "moved", "ruled", "closed", "reopened"} else "",
    )


def _new(view: View, typed: dict[str, str], error: ValidationError | Refusal | None = None) -> Response:
    return show_sheet(
        view,
        "organizer_season_new.html",
        PART,
        typed,
        error,
        season=None,
        moments=MOMENTS,
        criteria=range(MOST_CRITERIA),
    )
