"""Signing up, in and out with a browser: the same accounts as the API's, the token kept in a cookie."""

from collections import defaultdict
from collections.abc import Mapping

from fastapi import APIRouter, Response
from pydantic import ValidationError

from anb.accounts import service as accounts
from anb.accounts.domain import EmailTaken, PasswordsDiffer, WrongCredentials
from anb.accounts.schemas import SignIn, SignUp
from anb.pages.forms import FromOurPages, Typed, mistakes, place
from anb.pages.places import CITIES
from anb.pages.view import View, ViewDep, with_query
from anb.web.deps import PortsDep, UowDep

router = APIRouter(include_in_schema=False)

PASSWORD_LEAST = 8
Errors = Mapping[str, str]


@router.api_route("/signup", methods=["GET", "HEAD"])
def show_signup(view: ViewDep, next: str = "") -> Response:  # noqa: A002 - the word in the address
    """Show the form of a new account."""
    return _signup(view, {"next": next})


@router.post("/signup", dependencies=[FromOurPages])
def sign_up(view: ViewDep, form: Typed, uow: UowDep, ports: PortsDep) -> Response:
    """Make an account and sign in with it."""
    try:
        account = accounts.sign_up(uow, ports, SignUp.model_validate(form).account())
    except ValidationError as error:
        return _signup(view, form, mistakes(error, view, form))
    except EmailTaken as refusal:
        return _signup(view, form, {"email": refusal.text(view.t.language)})
    except PasswordsDiffer as refusal:
        return _signup(view, form, {"password2": refusal.text(view.t.language)})
    return view.enter(ports.tokens.issue(account.id), place(form.get("next"), "/upload"))


@router.api_route("/login", methods=["GET", "HEAD"])
def show_login(view: ViewDep, next: str = "") -> Response:  # noqa: A002 - the word in the address
    """Show the form to sign in."""
    return _login(view, {"next": next})


@router.post("/login", dependencies=[FromOurPages])
def sign_in(view: ViewDep, form: Typed, uow: UowDep, ports: PortsDep) -> Response:
    """Sign in."""
    try:
        known = SignIn.model_validate(form)
        token = accounts.sign_in(uow, ports, known.email, known.password)
    except ValidationError as error:
        return _login(view, form, errors=mistakes(error, view, form))
    except WrongCredentials as refusal:
        return _login(view, form, refusal.text(view.t.language))
    return view.enter(token, place(form.get("next"), "/"))


@router.post("/logout", dependencies=[FromOurPages])
def sign_out(view: ViewDep) -> Response:
    """Forget who was here."""
    return view.leave("/")


def _signup(view: View, form: Mapping[str, str], errors: Errors | None = None) -> Response:
    return _form(view, "signup.html", form, errors or {}, view.t("form.problem") if errors else "")


def _login(view: View, form: Mapping[str, str], problem: str = "", errors: Errors | None = None) -> Response:
    return _form(view, "login.html", form, errors or {}, view.t("form.problem") if errors else problem)


def _form(view: View, template: str, form: Mapping[str, str], errors: Errors, problem: str) -> Response:
    onward = place(form.get("next"), "")
    return view.show(
        template,
        400 if problem else 200,
        typed=defaultdict(str, form),
        errors=defaultdict(str, errors),
        problem=problem,
        next=onward,
        onwards=with_query("", next=onward),
        places=CITIES,
        least=PASSWORD_LEAST,
    )
