"""The organizers' console: its menu, its first page, and who may open it."""

from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Request, Response

from anb.accounts import service as accounts
from anb.accounts.acting import ActorDep
from anb.accounts.domain import Role, auditor
from anb.audit.domain import AuditActor
from anb.contest import seasons
from anb.contest.domain import Phase, Season, SeasonCalendar
from anb.db.paging import Page
from anb.moderation import reports, service
from anb.operators.health import HealthChecks
from anb.pages.view import View, ViewDep
from anb.videos.verdict import ClipState
from anb.votelog import service as votelog
from anb.web.deps import DatabaseDep, UowDep

HOME = "/organizer"
# The parts of the console: address and word. A new part adds a line here, and a module `organizer_<word>`.
MENU = (
    (HOME, "home"),
    (f"{HOME}/seasons", "seasons"),
    (f"{HOME}/moderation", "moderation"),
    (f"{HOME}/people", "people"),
    (f"{HOME}/fraud", "fraud"),
    (f"{HOME}/charts", "charts"),
    (f"{HOME}/jobs", "jobs"),
    (f"{HOME}/mail", "mail"),
    (f"{HOME}/audit", "audit"),
    (f"{HOME}/health", "health"),
)

router = APIRouter(prefix=HOME, include_in_schema=False)


class WaitingItem(NamedTuple):
    """Something that may wait for organizers."""

    word: str  # of its sentence
    address: str
    number: int


def organizing(actor: ActorDep, database: DatabaseDep) -> AuditActor:
    """Return the calling organizer. Raises NotSignedIn, OrganizersOnly, SecondFactorNeeded."""
    with database.reading() as uow:
        return auditor(accounts.organizer(uow, actor))


OrganizerDep = Annotated[AuditActor, Depends(organizing)]


def console(view: View, template: str, part: str, status: int = 200, **shown: Any) -> Response:  # noqa: ANN401 - what a template shows
    """Show a page of the console."""
    return view.show(template, status, menu=MENU, part=part, **shown)


@router.api_route("", methods=["GET", "HEAD"])
def show_console(request: Request, view: ViewDep, _: OrganizerDep, actor: ActorDep, uow: UowDep) -> Response:
    """Show what waits for organizers."""
    known = list(seasons.list_seasons(uow))
    checks: HealthChecks = request.app.state.health
    backlog = checks.backlog(uow)
    one = Page(limit=1)
    is_administrator = accounts.acts_as(uow, actor, Role.ADMINISTRATOR)
    mails = [WaitingItem("mails", f"{HOME}/mail?state=dead", backlog.mail.dead)] if is_administrator else []
    return console(
        view,
        "organizer.html",
        "home",
        waiting=[
            WaitingItem("clips", f"{HOME}/moderation", service.list_moderated(uow, one, ClipState.WAITING).total or 0),
            WaitingItem("reports", f"{HOME}/moderation?state=reported", reports.list_due(uow, one).total or 0),
            WaitingItem("votes", f"{HOME}/fraud", sum(votelog.figures(uow, each.id).held for each in known)),
            WaitingItem("jobs", f"{HOME}/jobs?state=dead", backlog.line.dead),
            *mails,
            WaitingItem("stopped", f"{HOME}/health", backlog.count.stopped),
        ],
        seasons=[(each, next_moment(each)) for each in known if each.phase is not Phase.OVER]
        or [(each, None) for each in known[:1]],
    )


def next_moment(season: Season) -> tuple[str, datetime] | None:
    """Return the moment of a season's calendar that comes next, with its name."""
    moments = {name: getattr(season, name) for name in SeasonCalendar.__dataclass_fields__}
    coming = [(moment, name) for name, moment in moments.items() if moment is not None and moment > season.now]
    return (min(coming)[1], min(coming)[0]) if coming else None
