"""Changing one's address: asked for here, accepted at the new one, and approved or stopped from the former one."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import ValidationError

from anb.accounts import changing_email
from anb.accounts import service as accounts
from anb.accounts.domain import EmailTaken
from anb.accounts.links import LinkExpired, LinkInvalid, LinkUsed
from anb.accounts.schemas import Address
from anb.db.session import UnitOfWork
from anb.fields import InvalidField
from anb.pages.forms import FromOurPages, Typed
from anb.pages.outcomes import private, show_form, show_form_again, show_link, show_told
from anb.pages.view import View, ViewDep
from anb.web.deps import UowDep
from anb.web.rate_limits import LimiterDep, limited
from anb.web.recent import RecentCaller

router = APIRouter(include_in_schema=False)

_BACK = ("/account", "told.to_account")


@router.api_route("/account/email", methods=["GET", "HEAD"])
def show_email(view: ViewDep, caller: RecentCaller, uow: UowDep) -> Response:
    """Show the form for another address, and the change that is under way."""
    return show_form(view, "account_email.html", **_standing(view, uow, caller.account_id))


@router.post("/account/email", dependencies=[FromOurPages, limited("mail_asked", block="mail_block")])
def ask(view: ViewDep, caller: RecentCaller, form: Typed, uow: UowDep, counter: LimiterDep) -> Response:
    """Ask the new address to accept the change; the answer is the same when another account has it."""
    try:
        email = Address.model_validate(form).email
        if counter.allows(counter.mailbox("mail", email)):
            changing_email.ask(uow, caller.account_id, email, view.settings.email_change_days)
    except (ValidationError, InvalidField) as error:
        shown = _standing(view, uow, caller.account_id)
        return show_form_again(view, "account_email.html", form, error, **shown)
    return view.go("/account?done=email")


@router.post("/account/email/cancel", dependencies=[FromOurPages])
def cancel(view: ViewDep, caller: RecentCaller, uow: UowDep) -> Response:
    """Give the change up."""
    changing_email.cancel(uow, caller.account_id)
    return view.go("/account/email")


@router.api_route("/account/email/confirm", methods=["GET", "HEAD"])
def show_acceptance(view: ViewDep, uow: UowDep, token: str = "") -> Response:
    """Show the button with which the new address accepts."""
    try:
        changing_email.open_acceptance(uow, token)
    except (LinkInvalid, LinkExpired, LinkUsed) as refusal:
        return show_told(view, refusal, _BACK)
    return show_link(view, "email", token)


@router.post("/account/email/confirm", dependencies=[FromOurPages])
def accept(view: ViewDep, uow: UowDep, form: Typed) -> Response:
    """Change the address."""
    try:
        due = changing_email.accept(uow, form.get("token", ""))
    except (LinkInvalid, LinkExpired, LinkUsed, EmailTaken) as refusal:
        return show_told(view, refusal, _BACK)
    if due is not None:
        return show_told(view, "told.email_waits", _BACK, day=view.t.day(due))
    return view.go("/account" if view.caller else "/login?done=email")


@router.api_route("/account/email/stop", methods=["GET", "HEAD"])
def show_answers(view: ViewDep, uow: UowDep, token: str = "") -> Response:
    """Show the buttons with which the former address approves a change or stops it."""
    try:
        change = changing_email.open_answer(uow, token)
    except (LinkInvalid, LinkExpired, LinkUsed) as refusal:
        return show_told(view, refusal, _BACK)
    return private(view.show("account_email_answer.html", token=token, change=change))


@router.post("/account/email/approve", dependencies=[FromOurPages])
def approve(view: ViewDep, uow: UowDep, form: Typed) -> Response:
    """Approve a change."""
    try:
        is_over = changing_email.approve(uow, form.get("token", ""))
    except (LinkInvalid, LinkExpired, LinkUsed, EmailTaken) as refusal:
        return show_told(view, refusal, _BACK)
    if not is_over:
        return show_told(view, "told.email_approved", _BACK)
    return view.go("/account" if view.caller else "/login?done=email")


@router.post("/account/email/stop", dependencies=[FromOurPages])
def stop(view: ViewDep, uow: UowDep, form: Typed) -> Response:
    """Stop a change, or take it back, and continue with another password."""
    try:
        onward = changing_email.stop(uow, form.get("token", ""))
    except (LinkInvalid, LinkExpired, LinkUsed, EmailTaken) as refusal:
        return show_told(view, refusal, _BACK)
    return view.leave(onward)


def _standing(view: View, uow: UnitOfWork, account_id: UUID) -> dict[str, Any]:
    me, change = accounts.who(uow, account_id), changing_email.find(uow, account_id)
    return {"me": me, "change": change, "days": view.settings.email_change_days}
