"""Changing one's address: asked for here, accepted at the new one, and stopped from the former one."""

from fastapi import APIRouter, Response
from pydantic import ValidationError

from anb.accounts import changes
from anb.accounts import service as accounts
from anb.accounts.domain import KEEP_DAYS, EmailTaken
from anb.accounts.links import LinkExpired, LinkInvalid, LinkUsed
from anb.accounts.schemas import Address
from anb.fields import InvalidField
from anb.pages.forms import FromOurPages, Typed
from anb.pages.outcomes import show_form, show_form_again, show_link, show_told
from anb.pages.view import ViewDep
from anb.web.deps import UowDep
from anb.web.rate_limits import LimiterDep, limited
from anb.web.recent import RecentCaller

router = APIRouter(include_in_schema=False)

_BACK = ("/account", "told.to_account")


@router.api_route("/account/email", methods=["GET", "HEAD"])
def show_email(view: ViewDep, caller: RecentCaller, uow: UowDep) -> Response:
    """Show the form for another address."""
    return show_form(view, "account_email.html", me=accounts.who(uow, caller.account_id), days=KEEP_DAYS)


@router.post("/account/email", dependencies=[FromOurPages, limited("mail_asked", block="mail_block")])
def ask(view: ViewDep, caller: RecentCaller, form: Typed, uow: UowDep, counter: LimiterDep) -> Response:
    """Ask the new address to accept the change; the answer is the same when another account has it."""
    try:
        email = Address.model_validate(form).email
        if counter.allows(counter.mailbox("mail", email)):
            changes.ask_new_email(uow, caller.account_id, email)
    except (ValidationError, InvalidField) as error:
        me = accounts.who(uow, caller.account_id)
        return show_form_again(view, "account_email.html", form, error, me=me, days=KEEP_DAYS)
    return view.go("/account?done=email")


@router.api_route("/account/email/confirm", methods=["GET", "HEAD"])
def show_acceptance(view: ViewDep, uow: UowDep, token: str = "") -> Response:
    """Show the button with which the new address accepts."""
    try:
        changes.open_new_email(uow, token)
    except (LinkInvalid, LinkExpired, LinkUsed) as refusal:
        return show_told(view, refusal, _BACK)
    return show_link(view, "email", token)


@router.post("/account/email/confirm", dependencies=[FromOurPages])
def accept(view: ViewDep, uow: UowDep, form: Typed) -> Response:
    """Change the address."""
    try:
        changes.accept_new_email(uow, form.get("token", ""))
    except (LinkInvalid, LinkExpired, LinkUsed, EmailTaken) as refusal:
        return show_told(view, refusal, _BACK)
    return view.go("/account" if view.caller else "/login?done=email")


@router.api_route("/account/email/stop", methods=["GET", "HEAD"])
def show_stop(view: ViewDep, uow: UowDep, token: str = "") -> Response:
    """Show the button with which the former address stops a change."""
    try:
        changes.open_stop(uow, token)
    except (LinkInvalid, LinkExpired, LinkUsed) as refusal:
        return show_told(view, refusal, _BACK)
    return show_link(view, "stop", token)


@router.post("/account/email/stop", dependencies=[FromOurPages])
def stop(view: ViewDep, uow: UowDep, form: Typed) -> Response:
    """Stop a change, or take it back, and continue with another password."""
    try:
        onward = changes.stop_email_change(uow, form.get("token", ""))
    except (LinkInvalid, LinkExpired, LinkUsed, EmailTaken) as refusal:
        return show_told(view, refusal, _BACK)
    return view.leave(onward)
