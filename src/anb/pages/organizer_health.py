"""The page of health: what waits, with what to do, and for administrators the settings in force."""

from collections.abc import Iterator
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Request, Response

from anb.administration.api import ActingAdministrator
from anb.operators.health import ChecksDep, HealthChecks, Part, take
from anb.operators.limits import COMPARED_SECONDS, COUNT_SECONDS
from anb.operators.schemas import Backlog
from anb.pages.organizer import OrganizerDep, console
from anb.pages.view import ViewDep
from anb.settings import MIB
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


class PlatformParts(NamedTuple):
    """The answers of the parts of the platform, and the space that is left for clips."""

    parts: dict[str, Part]
    free_bytes: int | None  # None: the share does not answer


async def answers(checks: ChecksDep) -> PlatformParts:
    """Ask each part whether it is up."""
    parts = await take(checks)
    return PlatformParts(parts, checks["share"].answer if parts["share"].state == "up" else None)


@router.api_route("/health", methods=["GET", "HEAD"])
def show_health(
    request: Request, view: ViewDep, _: OrganizerDep, uow: UowDep, platform: Annotated[PlatformParts, Depends(answers)]
) -> Response:
    """Show what waits, and what to do about it."""
    checks: HealthChecks = request.app.state.health
    found = [*findings(checks.backlog(uow)), *space(platform.free_bytes, view.settings.free_bytes_floor)]
    return console(view, "organizer_health.html", PART, findings=found, parts_up=platform.parts)


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
    yield HealthFigure("mail_held", mail.held, wrong=mail.held > 0)
    yield HealthFigure("mail_oldest", mail.oldest_seconds, wrong=(mail.oldest_seconds or 0) > 10 * MINUTE)
    yield HealthFigure("mail_dead", mail.dead, wrong=mail.dead > 0)
    yield HealthFigure("erasures", erasures.unfinished, wrong=erasures.unfinished > 0)
    yield HealthFigure("overdue", erasures.overdue, wrong=erasures.overdue > 0)
    seconds = backlog.retention.seconds_since
    yield HealthFigure("retention", seconds, wrong=seconds is not None and seconds > 2 * DAY)
    yield HealthFigure("votes_waiting", count.waiting_seconds, wrong=(count.waiting_seconds or 0) > COUNT_SECONDS)
    compared = count.compared_seconds
    yield HealthFigure("compared", compared, wrong=(compared or 0) > COMPARED_SECONDS)
    yield HealthFigure("differing", count.differing, wrong=count.differing > 0)
    yield HealthFigure("stopped", count.stopped, wrong=count.stopped > 0)
    yield HealthFigure("late", count.late, wrong=count.late > 0)


def space(free_bytes: int | None, floor: int) -> Iterator[HealthFigure]:
    """Yield the space that is left, in megabytes. Uploads are refused below the floor; a look is due at its double."""
    if free_bytes is not None:
        yield HealthFigure("space", free_bytes // MIB, wrong=free_bytes < 2 * floor)
