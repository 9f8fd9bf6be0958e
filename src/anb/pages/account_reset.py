"""A forgotten password: ask for a link, and choose another one."""

from functools import partial

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from anb.accounts import recovery
from anb.accounts.domain import PasswordsDiffer
from anb.accounts.links import LinkExpired, LinkInvalid, LinkUsed
from anb.accounts.schemas import Address, NewPassword
from anb.fields import InvalidField
from anb.pages.forms import FromOurPages, Typed
from anb.pages.outcomes import show_form, show_form_again, show_told
from anb.pages.view import ViewDep
from anb.web.deps import DatabaseDep, HashingDep, PortsDep, UowDep
from anb.web.hashing import TooManySignIns
from anb.web.rate_limits import LimiterDep, limited

router = APIRouter(include_in_schema=False)

_AGAIN = ("/forgot", "told.ask_again")


@router.api_route("/forgot", methods=["GET", "HEAD"])
def show_forgot(view: ViewDep) -> Response:
    """Show the form that asks for a link."""
    return show_form(view, "forgot.html")


@router.post("/forgot", dependencies=[FromOurPages, limited(block="mail_block")])
def ask(view: ViewDep, form: Typed, uow: UowDep, counter: LimiterDep) -> Response:
    """Send a link to an address: the same answer after the same work, whether an account has it or not."""
    try:
        email = Address.model_validate(form).email
    except ValidationError as error:
        return show_form_again(view, "forgot.html", form, error)
    if counter.allows(counter.mailbox("mail", email)):
        recovery.ask_reset(uow, email, view.t.language)
    return show_told(view, "told.forgot" if view.mail_works else "told.no_mail", ("/login", "site.login"))


@router.api_route("/account/reset", methods=["GET", "HEAD"])
def show_reset(view: ViewDep, uow: UowDep, token: str = "") -> Response:
    """Show the form for another password."""
    try:
        recovery.open_reset(uow, token)
    except (LinkInvalid, LinkExpired, LinkUsed) as refusal:
        return show_told(view, refusal, _AGAIN)
    return show_form(view, "account_reset.html", {"token": token})


@router.post("/account/reset", dependencies=[FromOurPages])
async def reset(
    request: Request, view: ViewDep, form: Typed, database: DatabaseDep, ports: PortsDep, hashing: HashingDep
) -> Response:
    """Set another password."""
    try:
        chosen = NewPassword.model_validate(form).chosen()
        await hashing.run(request, partial(recovery.reset, database, ports, form.get("token", ""), chosen))
    except (LinkInvalid, LinkExpired, LinkUsed) as refusal:
        return show_told(view, refusal, _AGAIN)
    except (ValidationError, InvalidField, PasswordsDiffer, TooManySignIns) as error:
        return show_form_again(view, "account_reset.html", form, error)
    return view.go("/login?done=reset")
