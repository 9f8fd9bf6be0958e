"""Signing up, in and out with a browser: the accounts of the API, with the session's secret in a cookie."""

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from anb.accounts import service as accounts
from anb.accounts.domain import EmailTaken, SecondStep, SignedIn, WrongCredentials
from anb.accounts.passwords import LEAST
from anb.accounts.schemas import SignIn, SignUp
from anb.consents import joining
from anb.consents.joining import Newcomer
from anb.db.session import Database
from anb.factors.domain import PasskeyRefused, SignInBegunAnew
from anb.pages.account_consents import first_page
from anb.pages.consent_form import SignUpQuestions, asked_of_new, count_guardian, read_form
from anb.pages.entering import client_of, entered, traced
from anb.pages.forms import FromOurPages, Typed, place
from anb.pages.outcomes import show_form_again, show_mistakes, show_told
from anb.pages.relying_party import party_of
from anb.pages.view import View, ViewDep, with_query
from anb.ports import Ports
from anb.sessions import service as sessions
from anb.sessions.domain import SessionClient
from anb.settings import Settings
from anb.web.deps import DatabaseDep, HashingDep, PortsDep, UowDep, limit_readers
from anb.web.device_cookie import with_device
from anb.web.guesses import guard
from anb.web.hashing import TooManySignIns
from anb.web.rate_limits import LimiterDep, TooManyRequests, limited

router = APIRouter(include_in_schema=False)

# What the sign-in form may say of what has just been done, by the word in its address.
SAID = {
    "confirmed": "told.confirmed",
    "email": "told.email",
    "invited": "told.invited",
    "reset": "told.reset",
}

# And what of a sign-in that failed elsewhere.
PROBLEMS = {PasskeyRefused.code, SignInBegunAnew.code}


@router.api_route("/signup", methods=["GET", "HEAD"])
def show_signup(request: Request, view: ViewDep, database: DatabaseDep, next: str = "") -> Response:  # noqa: A002 - the word in the address
    """Show the form for a new account."""
    around = _around(request, view, {"next": next}) | _asked(view, database).shown()
    return with_device(request, _show(view, "signup.html", around))


@router.post("/signup", dependencies=[FromOurPages, limited(block="sign_up")])
async def sign_up(
    request: Request,
    view: ViewDep,
    form: Typed,
    database: DatabaseDep,
    ports: PortsDep,
    hashing: HashingDep,
    counter: LimiterDep,
) -> Response:
    """Create an account. With a mail server, nothing tells if one exists; without one, the person is signed in."""
    asked = await limit_readers(request, partial(_asked, view, database))
    around = _around(request, view, form) | asked.shown()
    filled = read_form(view, asked, form, lambda: traced(request, SignUp.model_validate(form).account(view.t.language)))
    newcomer = filled.newcomer
    if newcomer is None:
        return show_mistakes(view, "signup.html", form, filled.errors, **around)
    email, settings = newcomer.account.email, view.settings
    try:
        count_guardian(counter, asked, newcomer)
        if view.mail_works and not settings.sign_up_at_once:
            may_send = counter.allows(counter.mailbox("mail", email))
            join = partial(joining.sign_up_quietly, database, ports, settings, newcomer, may_send=may_send)
            await hashing.run(request, join)
            onward = with_query("/login", next=place(form.get("next"), ""))
            return show_told(view, "told.signed_up", (onward, "site.login"))
        outcome = await hashing.run(request, partial(_join, database, ports, settings, newcomer, client_of(request)))
    except (EmailTaken, TooManySignIns, TooManyRequests) as error:
        return show_form_again(view, "signup.html", form, error, **around)
    return entered(request, view, outcome, email, form.get("next"), "/upload")


@router.api_route("/login", methods=["GET", "HEAD"])
def show_login(request: Request, view: ViewDep, next: str = "", done: str = "") -> Response:  # noqa: A002 - the word in the address
    """Show the sign-in form."""
    said = view.t(SAID[done]) if done in SAID else ""
    problem = view.t(f"refusal.{done}") if done in PROBLEMS else ""
    return with_device(request, _show(view, "login.html", _around(request, view, {"next": next}), said, problem))


@router.post("/login", dependencies=[FromOurPages])
async def sign_in(
    request: Request,
    view: ViewDep,
    form: Typed,
    database: DatabaseDep,
    ports: PortsDep,
    hashing: HashingDep,
    counter: LimiterDep,
) -> Response:
    """Sign in."""
    try:
        known = SignIn.model_validate(form)
        attempt = partial(
            accounts.sign_in,
            database,
            ports,
            known.email,
            known.password,
            client_of(request, known.email),
            instead_of=view.session_id,
        )
        outcome = await hashing.run(request, partial(guard, counter, known.email, WrongCredentials, attempt))
    except (ValidationError, WrongCredentials, TooManySignIns) as error:
        return show_form_again(
            view,
            "login.html",
            form,
            error,
            **_around(request, view, form),
            said="",
        )
    onward = await limit_readers(request, partial(first_page, database, outcome, form.get("next")))
    return entered(request, view, outcome, known.email, onward)


@router.post("/logout", dependencies=[FromOurPages])
def sign_out(view: ViewDep, uow: UowDep) -> Response:
    """Sign out."""
    if view.caller is not None:
        sessions.sign_out(uow, view.caller, view.session_id)
    return view.leave("/")


def _asked(view: View, database: Database) -> SignUpQuestions:
    with database.reading() as uow:
        return asked_of_new(view, uow)


def _join(
    database: Database, ports: Ports, settings: Settings, newcomer: Newcomer, client: SessionClient
) -> SignedIn | SecondStep:
    """Create an account and sign in."""
    account = joining.sign_up(database, ports, settings, newcomer)
    return accounts.enter(database, ports, account.id, client)


def _show(view: View, template: str, around: Mapping[str, Any], said: str = "", problem: str = "") -> Response:
    empty: dict[str, str] = defaultdict(str)
    return view.show(template, typed=empty, errors=empty, problem=problem, least=LEAST, said=said, **around)


def _around(request: Request, view: View, form: Mapping[str, str]) -> dict[str, Any]:
    """Return what the form needs besides its fields."""
    onward = place(form.get("next"), "")
    passkeys = party_of(request, view.settings) is not None
    for_vote = onward.partition("?")[0].endswith("/vote")  # that a visitor pressed
    return {"next": onward, "onwards": with_query("", next=onward), "passkeys": passkeys, "for_vote": for_vote}
