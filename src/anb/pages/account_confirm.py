"""Confirming one's address, from any device: a link opens a page, and its button confirms."""

from fastapi import APIRouter, Response

from anb.accounts import recovery
from anb.accounts import service as accounts
from anb.accounts.links import LinkExpired, LinkInvalid, LinkUsed
from anb.pages.forms import FromOurPages, Typed
from anb.pages.outcomes import show_link, show_told
from anb.pages.view import ViewDep
from anb.web.deps import CallerId, UowDep
from anb.web.rate_limits import LimiterDep, limited

router = APIRouter(include_in_schema=False)


@router.api_route("/account/confirm", methods=["GET", "HEAD"])
def show_confirmation(view: ViewDep, uow: UowDep, token: str = "") -> Response:
    """Show the button that confirms an address."""
    try:
        recovery.open_confirmation(uow, token)
    except (LinkInvalid, LinkExpired, LinkUsed) as refusal:
        return show_told(view, refusal, ("/account", "told.to_account"))
    return show_link(view, "confirm", token)


@router.post("/account/confirm", dependencies=[FromOurPages])
def confirm(view: ViewDep, uow: UowDep, form: Typed) -> Response:
    """Confirm an address."""
    try:
        recovery.confirm(uow, form.get("token", ""))
    except (LinkInvalid, LinkExpired, LinkUsed) as refusal:
        return show_told(view, refusal, ("/account", "told.to_account"))
    return view.go("/account" if view.caller else "/login?done=confirmed")


@router.post("/account/confirmation", dependencies=[FromOurPages, limited("mail_asked", block="mail_block")])
def send_again(view: ViewDep, caller: CallerId, uow: UowDep, counter: LimiterDep) -> Response:
    """Send another link to the caller's address."""
    if counter.allows(counter.mailbox("mail", accounts.who(uow, caller).email)):
        recovery.resend_confirmation(uow, caller)
    return view.go("/account?done=sent")
