"""The second step of a sign-in, signing in with a passkey, and using a second factor later in a session."""

from functools import partial

from fastapi import APIRouter, Request, Response

from anb.accounts import security
from anb.accounts import service as accounts
from anb.errors import Refusal
from anb.factors import service as factors
from anb.factors.domain import PasskeyRefused, SignInBegunAnew, WrongCode
from anb.pages import begun
from anb.pages.entering import client_of, entered
from anb.pages.forms import FromOurPages, Typed, place
from anb.pages.outcomes import private
from anb.pages.passkeys import options_answer, party_here
from anb.pages.relying_party import party_of
from anb.pages.view import View, ViewDep, with_query
from anb.web.code_guesses import guard_code
from anb.web.deps import CallerDep, DatabaseDep, PortsDep, UowDep
from anb.web.rate_limits import LimiterDep, limited

router = APIRouter(include_in_schema=False)

LONGEST_CODE = 64


@router.api_route("/login/second", methods=["GET", "HEAD"])
def show_second_step(request: Request, view: ViewDep, uow: UowDep, next: str = "") -> Response:  # noqa: A002 - the word in the address
    """Show the form for the second step, if this browser has taken the first."""
    if factors.second_step_of(uow, begun.held(request, "step")) is None:
        return _again(view, next)
    return _form(request, view, "/login/second", next)


@router.post("/login/second", dependencies=[FromOurPages])
def take_second_step(
    request: Request, view: ViewDep, form: Typed, database: DatabaseDep, ports: PortsDep, counter: LimiterDep
) -> Response:
    """Sign in, by a code."""
    onward, code, token = form.get("next", ""), form.get("code", "")[:LONGEST_CODE], begun.held(request, "step")
    with database.reading() as uow:
        account_id = factors.second_step_of(uow, token)
        account = None if account_id is None else accounts.who(uow, account_id)
    if account is None:
        return _again(view, onward)
    finish = partial(
        security.finish_sign_in, database, ports, token, code, client_of(request), instead_of=view.session_id
    )
    try:
        outcome = guard_code(counter, account.email, WrongCode, finish, guessable=factors.is_guessable(code))
    except WrongCode as refusal:
        return _form(request, view, "/login/second", onward, refusal)
    except SignInBegunAnew:
        return _again(view, onward)
    return entered(request, view, outcome, account.email, onward)


@router.post("/login/passkey/options", dependencies=[FromOurPages, limited(block="passkey")])
def begin_passkey_sign_in(request: Request, view: ViewDep, uow: UowDep) -> Response:
    """Begin to sign in with a passkey."""
    return options_answer(request, factors.begin_passkey_sign_in(uow, party_here(request, view)))


@router.post("/login/passkey", dependencies=[FromOurPages, limited(block="passkey")])
def sign_in_with_passkey(
    request: Request, view: ViewDep, form: Typed, database: DatabaseDep, ports: PortsDep
) -> Response:
    """Sign in with a passkey, which is two factors in one."""
    party, onward = party_here(request, view), form.get("next", "")
    try:
        account_id = factors.sign_in_with_passkey(
            database, party, begun.held(request, "passkey"), form.get("answer", "")
        )
    except (PasskeyRefused, SignInBegunAnew) as refusal:
        return view.go(with_query("/login", done=refusal.code, next=place(onward, "")))
    with database.reading() as uow:
        email = accounts.who(uow, account_id).email
    client = client_of(request, email)
    outcome = accounts.enter(database, ports, account_id, client, strong=True, instead_of=view.session_id)
    return entered(request, view, outcome, email, onward)


@router.api_route("/account/factor", methods=["GET", "HEAD"])
def show_factor(request: Request, view: ViewDep, caller: CallerDep, uow: UowDep, next: str = "") -> Response:  # noqa: A002
    """Show the form for a second factor in an open session, or where to set one up."""
    if not factors.has_factor(uow, caller.account_id):
        return private(view.show("factor_missing.html"))
    return _form(request, view, "/account/factor", next)


@router.post("/account/factor", dependencies=[FromOurPages])
def use_factor(
    request: Request,
    view: ViewDep,
    caller: CallerDep,
    form: Typed,
    database: DatabaseDep,
    ports: PortsDep,
    counter: LimiterDep,
) -> Response:
    """Make an open session strong, by a code."""
    onward, code = form.get("next", ""), form.get("code", "")[:LONGEST_CODE]
    if caller.session_id is None:
        return _again(view, onward)
    with database.reading() as uow:
        email = accounts.who(uow, caller.account_id).email
    use = partial(security.strengthen, database, ports, caller.account_id, caller.session_id, code)
    try:
        guard_code(counter, email, WrongCode, use, guessable=factors.is_guessable(code))
    except WrongCode as refusal:
        return _form(request, view, "/account/factor", onward, refusal)
    return view.go(place(onward, "/account/security"))


def _again(view: View, onward: str) -> Response:
    """Send a browser back to the password."""
    return view.go(with_query("/login", done=SignInBegunAnew.code, next=place(onward, "")))


def _form(request: Request, view: View, action: str, onward: str, refusal: Refusal | None = None) -> Response:
    page = view.show(
        "second_step.html",
        400 if refusal else 200,
        action=action,
        next=place(onward, ""),
        problem=refusal.text(view.t.language) if refusal else "",
        passkeys=party_of(request, view.settings) is not None,
    )
    return private(page)
