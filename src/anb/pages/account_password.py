"""Changing one's password, and giving it again for what matters."""

from functools import partial

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from anb.accounts import changes
from anb.accounts import service as accounts
from anb.accounts.domain import PasswordsDiffer, WrongPassword
from anb.accounts.schemas import PasswordAgain, PasswordChange
from anb.fields import InvalidField
from anb.pages.forms import FromOurPages, Typed, place
from anb.pages.outcomes import show_form, show_form_again
from anb.pages.view import ViewDep
from anb.web.deps import CallerDep, CallerId, DatabaseDep, HashingDep, PortsDep, UowDep
from anb.web.hashing import TooManySignIns
from anb.web.rate_limits import limited

router = APIRouter(include_in_schema=False)


@router.api_route("/account/password", methods=["GET", "HEAD"])
def show_password(view: ViewDep, caller: CallerId, uow: UowDep) -> Response:
    """Show the form for another password."""
    return show_form(view, "account_password.html", {"username": accounts.who(uow, caller).email})


@router.post("/account/password", dependencies=[FromOurPages, limited("password")])
async def change(
    request: Request,
    view: ViewDep,
    caller: CallerDep,
    form: Typed,
    database: DatabaseDep,
    ports: PortsDep,
    hashing: HashingDep,
) -> Response:
    """Change the caller's password."""
    try:
        wish = PasswordChange.model_validate(form)
        words = wish.password, wish.chosen()
        act = partial(changes.change_password, database, ports, caller.account_id, caller.session_id, *words)
        await hashing.run(request, act)
    except (ValidationError, InvalidField, PasswordsDiffer, WrongPassword, TooManySignIns) as error:
        return show_form_again(view, "account_password.html", form, error)
    return view.go("/account?done=password")


@router.api_route("/account/confirm-password", methods=["GET", "HEAD"])
def show_again(view: ViewDep, caller: CallerId, uow: UowDep, next: str = "") -> Response:  # noqa: A002 - the word in the address
    """Ask for the password again."""
    typed = {"username": accounts.who(uow, caller).email, "next": place(next, "/account")}
    return show_form(view, "account_again.html", typed)


@router.post("/account/confirm-password", dependencies=[FromOurPages, limited("password")])
async def give_again(
    request: Request,
    view: ViewDep,
    caller: CallerDep,
    form: Typed,
    database: DatabaseDep,
    ports: PortsDep,
    hashing: HashingDep,
) -> Response:
    """Take the password again, and return to where the caller was."""
    try:
        password = PasswordAgain.model_validate(form).password
        act = partial(changes.authenticate_again, database, ports, caller.account_id, caller.session_id, password)
        await hashing.run(request, act)
    except (ValidationError, WrongPassword, TooManySignIns) as error:
        return show_form_again(view, "account_again.html", form, error)
    return view.go(place(form.get("next"), "/account"))
