"""The HTTP endpoints of seasons, open to organizers only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from anb.accounts import service as accounts
from anb.accounts.acting import ActorDep
from anb.accounts.domain import OrganizersOnly, auditor
from anb.audit.domain import AuditActor
from anb.contest import seasons
from anb.contest.calendars import ResultsFrozen
from anb.contest.domain import (
    InvalidCalendar,
    ReasonNeeded,
    SeasonClosed,
    SeasonNotClosed,
    SeasonNotFound,
    SeasonOpenAlready,
    SeasonsOverlap,
)
from anb.contest.season_schemas import (
    NewSeason,
    SeasonEnded,
    SeasonMoved,
    SeasonReopened,
    SeasonRuled,
    SeasonShown,
)
from anb.factors.domain import SecondFactorNeeded
from anb.web.deps import UowDep
from anb.web.problems import refusals

router = APIRouter(prefix="/api/admin/seasons", tags=["operators"])


def acting_organizer(actor: ActorDep, uow: UowDep) -> AuditActor:
    """Return the calling organizer. Raises NotSignedIn, OrganizersOnly, SecondFactorNeeded."""
    account = accounts.organizer(uow, actor)
    return auditor(account)


By = Annotated[AuditActor, Depends(acting_organizer, scope="function")]
Slug = Annotated[str, Path(max_length=100, description="The season, by its slug.")]
ALWAYS = (OrganizersOnly, SecondFactorNeeded)


@router.get("", responses=refusals(*ALWAYS))
def list_seasons(_: By, uow: UowDep) -> list[SeasonShown]:
    """List the seasons, the latest first."""
    return [SeasonShown.of(season) for season in seasons.list_seasons(uow)]


@router.post("", status_code=201, responses=refusals(*ALWAYS, InvalidCalendar, SeasonOpenAlready, SeasonsOverlap))
def create_season(body: NewSeason, by: By, uow: UowDep) -> SeasonShown:
    """Create a season; without an opening it opens at once."""
    return SeasonShown.of(seasons.schedule(uow, by, body.name, body.rules.rules(), body.calendar.calendar()))


@router.get("/{slug}", responses=refusals(*ALWAYS, SeasonNotFound))
def show_season(slug: Slug, _: By, uow: UowDep) -> SeasonShown:
    """Show a season."""
    return SeasonShown.of(seasons.show(uow, slug))


@router.put(
    "/{slug}/calendar",
    responses=refusals(
        *ALWAYS, SeasonNotFound, SeasonClosed, ResultsFrozen, InvalidCalendar, SeasonsOverlap, ReasonNeeded
    ),
)
def reschedule_season(slug: Slug, body: SeasonMoved, by: By, uow: UowDep) -> SeasonShown:
    """Give a season another calendar. What has begun stays; once votes were cast, a reason is needed.

    After the close, `jury_closes_at` and `results_at` can be moved until the results are frozen.
    """
    return SeasonShown.of(seasons.reschedule(uow, by, slug, body.calendar(), body.reason))


@router.put("/{slug}/rules", responses=refusals(*ALWAYS, SeasonNotFound, ReasonNeeded))
def rule_season(slug: Slug, body: SeasonRuled, by: By, uow: UowDep) -> SeasonShown:
    """Give a season other rules. Once votes were cast, a reason is needed."""
    return SeasonShown.of(seasons.change_rules(uow, by, slug, body.rules(), body.reason))


@router.post("/{slug}/close", responses=refusals(*ALWAYS, SeasonNotFound, SeasonClosed))
def end_season(slug: Slug, body: SeasonEnded, by: By, uow: UowDep) -> SeasonShown:
    """Close a season now: its votes no longer count."""
    return SeasonShown.of(seasons.close_season(uow, by, body.reason, slug))


@router.post(
    "/{slug}/reopen",
    responses=refusals(*ALWAYS, SeasonNotFound, SeasonNotClosed, InvalidCalendar, SeasonsOverlap, ReasonNeeded),
)
def reopen_season(slug: Slug, body: SeasonReopened, by: By, uow: UowDep) -> SeasonShown:
    """Let votes count again in a closed season; uploads stay closed."""
    return SeasonShown.of(seasons.reopen(uow, by, slug, body.closed_at, body.reason))
