"""The organizers' page of a season's results: what is done from the close to the publication, winners, and files."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from fastapi import APIRouter, Query, Response

from anb.contest import seasons
from anb.contest.domain import Season
from anb.db.session import UnitOfWork
from anb.jury import service as jury
from anb.pages.forms import FromOurPages
from anb.pages.organizer import OrganizerDep, console
from anb.pages.organizer_rules import SeasonSlug
from anb.pages.organizer_seasons import HERE, PART
from anb.pages.results import by_city
from anb.pages.view import ViewDep
from anb.results import checking, service
from anb.results.domain import Results
from anb.results.exports import shown_name
from anb.votelog import service as votelog
from anb.web.deps import DatabaseDep, UowDep
from anb.web.rate_limits import limited

router = APIRouter(prefix="/organizer/seasons/{slug}/results", include_in_schema=False)

StepState = Literal["done", "now", "later", "wrong"]
Version = Annotated[int | None, Query(ge=1, le=1_000_000)]


class ResultStep(NamedTuple):
    """A step from the close of a season to its published results."""

    word: str  # of its sentences
    state: StepState
    moment: datetime | None = None


class ResultsAwaited(NamedTuple):
    """What keeps the results of a season."""

    held: int  # doubtful votes to review
    pending: int  # votes that are not in the log yet
    jury_open: bool
    differences: Sequence[str]  # between rows, tallies and log, when they were last compared


@router.api_route("", methods=["GET", "HEAD"])
def show_results(view: ViewDep, _: OrganizerDep, uow: UowDep, slug: SeasonSlug, version: Version = None) -> Response:
    """Show how far the results of a season are; once they are frozen, winners and files. Raises SeasonNotFound."""
    season = seasons.show(uow, slug)
    versions = service.list_versions(uow, season.id, early=True)
    current = next((one for one in versions if not one.is_superseded), None)
    chosen = next((one for one in versions if one.version == version), current)
    waiting = _waiting(uow, season)
    return console(
        view,
        "organizer_results.html",
        PART,
        season=season,
        waiting=waiting,
        steps=list(steps(season, waiting, current)),
        results=chosen,
        is_public=chosen in service.list_versions(uow, season.id),
        versions=versions,
        winners=by_city(service.list_winners(uow, chosen)) if chosen else [],
        name=shown_name,
        site=view.site,
    )


@router.post("/recount", dependencies=[FromOurPages, limited("change")])
def recount(view: ViewDep, _: OrganizerDep, database: DatabaseDep, slug: SeasonSlug) -> Response:
    """Count a closed season again, and say what differs. It changes nothing. Raises SeasonNotFound."""
    with database.transaction() as uow:
        season = seasons.show(uow, slug)
        differences = checking.compare(uow, season) if season.is_closed else None
    if differences is None:
        return view.go(f"{HERE}/{season.slug}/results")
    return console(view, "organizer_recount.html", PART, season=season, differences=differences)


def steps(season: Season, waiting: ResultsAwaited, results: Results | None) -> Iterator[ResultStep]:
    """Yield the steps in their order; `results` are those of the present close."""
    closed, frozen = season.is_closed, results is not None
    yield ResultStep("closed", "done" if closed else "later", season.closed_at)
    yield _step("logged", closed, frozen or not waiting.pending)
    yield _step("held", closed, frozen or not waiting.held)
    if season.jury is not None:
        yield _step("jury", closed, frozen or not waiting.jury_open)._replace(moment=season.jury_ends_at)
    recounted = _step("recount", closed, frozen)
    differs = waiting.differences and not frozen
    counted_at = None if results is None else results.frozen_at
    yield recounted._replace(state="wrong") if differs else recounted._replace(moment=counted_at)
    due = results.due_at if results else season.results_at or season.closed_at
    public = results is not None and results.due_at <= season.now
    yield ResultStep("public", "done" if public else "later", due)


def _step(word: str, closed: bool, done: bool) -> ResultStep:  # noqa: FBT001 - two answers of one question
    return ResultStep(word, "later" if not closed else "done" if done else "now")


def _waiting(uow: UnitOfWork, season: Season) -> ResultsAwaited:
    awaited, figures = checking.awaited(uow, season), votelog.figures(uow, season.id)
    return ResultsAwaited(awaited.held, figures.pending, jury.is_open(uow, season), awaited.differences)
