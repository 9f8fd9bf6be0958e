"""The administrators' page of mail that was not sent: mail servers name recipients, so organizers do not see it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from anb.accounts.domain import auditor
from anb.accounts.service import who
from anb.administration.api import ActingAdministrator
from anb.errors import Refusal
from anb.mail import service
from anb.mail.domain import UNSENT, MailState
from anb.pages.forms import FromOurPages, Typed
from anb.pages.organizer import console
from anb.pages.organizer_acts import reason_of
from anb.pages.view import View, ViewDep, with_query
from anb.web.deps import DatabaseDep, UowDep
from anb.web.rate_limits import limited

HERE = "/organizer/mail"
PART = "mail"
MOST = 100

router = APIRouter(prefix=HERE, include_in_schema=False)
_CHANGE = [FromOurPages, limited("change")]


@router.api_route("", methods=["GET", "HEAD"])
def list_mail(
    view: ViewDep,
    _: ActingAdministrator,
    uow: UowDep,
    state: Annotated[str, Query(max_length=20)] = "",
    done: str = "",
) -> Response:
    """List mails, newest first; by default those that were not sent."""
    chosen = MailState(state) if state in set(MailState) else None
    return console(
        view,
        "organizer_mail.html",
        PART,
        mails=service.list_all(uow, [chosen] if chosen else UNSENT, MOST),
        figures=service.figures(uow),
        states=list(MailState),
        chosen=chosen or "",
        done=done if done in {"retry", "dismiss", "stale"} else "",
    )


@router.post("/{mail_id}/retry", dependencies=_CHANGE)
def retry(view: ViewDep, actor: ActingAdministrator, database: DatabaseDep, mail_id: UUID) -> Response:
    """Queue a dead mail again, with all its attempts. Raises MailNotFound."""
    try:
        with database.transaction() as uow:
            service.try_again(uow, mail_id, auditor(who(uow, actor.account_id)))
    except Refusal:
        return _ended(view, "stale")
    return _ended(view, "retry")


@router.post("/{mail_id}/dismiss", dependencies=_CHANGE)
def dismiss(view: ViewDep, actor: ActingAdministrator, database: DatabaseDep, form: Typed, mail_id: UUID) -> Response:
    """End a dead mail for good. Raises MailNotFound."""
    try:
        with database.transaction() as uow:
            service.dismiss(uow, mail_id, auditor(who(uow, actor.account_id)), reason_of(form))
    except Refusal:
        return _ended(view, "stale")
    return _ended(view, "dismiss")


def _ended(view: View, how: str) -> Response:
    return view.go(with_query(HERE, state="dead", done=how))
