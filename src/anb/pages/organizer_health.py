"""The page of health: what waits, with what to do, and for administrators the settings in force."""

from collections.abc import Iterator
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from anb.administration.api import ActingAdministrator
from anb.operators.health import HealthChecks
from anb.operators.limits import COUNT_SECONDS
from anb.operators.schemas import Backlog
from anb.pages.organizer import OrganizerDep, console
from anb.pages.view import ViewDep
from anb.settings.shown import shown
from anb.web.deps import UowDep

PART = "health"
MINUTE, DAY = 60, 24 * 3600

router = APIRouter(prefix="/organizer", include_in_schema=False)


class HealthFigure(NamedTuple):
    """A figure of what waits, and whether a person must look."""

    word: str  # of its sentences
    value: float | None
    wrong: bool


@router.api_route("/health", methods=["GET", "HEAD"])
def show_health(request: Request, view: ViewDep, _: OrganizerDep, uow: UowDep) -> Response:
    """Show what waits, and what to do about it."""
    checks: HealthChecks = request.app.state.health
    return console(view, "organizer_health.html", PART, findings=list(findings(checks.backlog(uow))))


@router.api_route("/settings", methods=["GET", "HEAD"])
def show_settings(view: ViewDep, _: ActingAdministrator) -> Response:
    """Show the settings that this process runs with, without their secrets."""
    settings = view.settings
    listed = [(f"ANB_{name.upper()}", shown(name, getattr(settings, name))) for name in type(settings).model_fields]
    return console(view, "organizer_settings.html", PART, settings=sorted(listed))


def findings(backlog: Backlog) -> Iterator[HealthFigure]:
    """Yield each figure. Some call for a look here before an alarm writes to operators."""
    line, mail, erasures, count = backlog.line, backlog.mail, backlog.erasures, backlog.count
    yield HealthFigure("jobs_due", line.due, wrong=False)
    yield HealthFigure("jobs_waiting", line.waiting_seconds, wrong=(line.waiting_seconds or 0) > 10 * MINUTE)
    yield HealthFigure("jobs_dead", line.dead, wrong=line.dead > 0)
    yield HealthFigure("drained", int(line.drained), wrong=line.drained)
    yield HealthFigure("mail_due", mail.due, wrong=False)
    yield HealthFigure("mail_oldest", mail.oldest_seconds, wrong=(mail.oldest_seconds or 0) > 10 * MINUTE)
    yield HealthFigure("mail_dead", mail.dead, wrong=mail.dead > 0)
    yield HealthFigure("erasures", erasures.unfinished, wrong=erasures.unfinished > 0)
    yield HealthFigure("overdue", erasures.overdue, wrong=erasures.overdue > 0)
    seconds = backlog.retention.seconds_since
    yield HealthFigure("retention", seconds, wrong=seconds is not None and seconds > 2 * DAY)
    yield HealthFigure("votes_waiting", count.waiting_seconds, wrong=(count.waiting_seconds or 0) > COUNT_SECONDS)
    yield HealthFigure("differing", count.differing, wrong=count.differing > 0)
    yield HealthFigure("stopped", count.stopped, wrong=count.stopped > 0)
    yield HealthFigure("late", count.late, wrong=count.late > 0)
