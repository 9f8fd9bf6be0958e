"""The organizers' console: its menu, its first page, and who may open it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from anb.accounts import service as accounts
from anb.accounts.acting import ActorDep
from anb.accounts.domain import auditor
from anb.audit.domain import AuditActor
from anb.db.paging import Page
from anb.moderation import reports, service
from anb.pages.view import View, ViewDep
from anb.videos.verdict import ClipState
from anb.web.deps import DatabaseDep, UowDep

HOME = "/organizer"
# The parts of the console: address and word. A new part adds a line here, and a module `organizer_<word>`.
MENU = (
    (HOME, "home"),
    (f"{HOME}/seasons", "seasons"),
    (f"{HOME}/moderation", "moderation"),
    (f"{HOME}/people", "people"),
    (f"{HOME}/fraud", "fraud"),
    (f"{HOME}/jobs", "jobs"),
    (f"{HOME}/mail", "mail"),
    (f"{HOME}/audit", "audit"),
    (f"{HOME}/health", "health"),
)

router = APIRouter(prefix=HOME, include_in_schema=False)


def organizing(actor: ActorDep, database: DatabaseDep) -> AuditActor:
    """Return the calling organizer. Raises NotSignedIn, OrganizersOnly, SecondFactorNeeded."""
    with database.reading() as uow:
        return auditor(accounts.organizer(uow, actor))


OrganizerDep = Annotated[AuditActor, Depends(organizing)]


def console(view: View, template: str, part: str, status: int = 200, **shown: Any) -> Response:  # noqa: ANN401 - what a template shows
    """Show a page of the console."""
    return view.show(template, status, menu=MENU, part=part, **shown)


@router.api_route("", methods=["GET", "HEAD"])
def show_console(view: ViewDep, _: OrganizerDep, uow: UowDep) -> Response:
    """Show what waits for organizers."""
    one = Page(limit=1)
    return console(
        view,
        "organizer.html",
        "home",
        waiting=service.list_moderated(uow, one, ClipState.WAITING).total,
        reported=reports.list_due(uow, one).total,
    )
