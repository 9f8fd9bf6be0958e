"""A new account of a person that an issuer vouches for, or an existing one that its owner links."""

from collections import defaultdict
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from anb.accounts import service as accounts
from anb.accounts.domain import EmailTaken
from anb.consents import joining
from anb.errors import Refusal
from anb.identities import service
from anb.identities.domain import IdentityTaken, KnownPerson
from anb.pages.consent_form import SignUpQuestions, asked_of_new, count_guardian, read_form
from anb.pages.entering import traced
from anb.pages.forms import FromOurPages, Typed, place
from anb.pages.issuers import JOIN_PAGE, LINK_PAGE, LIST_PAGE, browser_secret, enter, tell
from anb.pages.view import View, ViewDep, with_query
from anb.pages.vouched_form import VouchedSignUp
from anb.web.deps import CallerId, UowDep
from anb.web.device_cookie import with_device
from anb.web.rate_limits import LimiterDep, TooManyRequests, limited
from anb.web.recent import RecentCaller

router = APIRouter(include_in_schema=False)

Errors = Mapping[str, str]


@router.api_route(JOIN_PAGE, methods=["GET", "HEAD"])
def show_join(request: Request, view: ViewDep, uow: UowDep) -> Response:
    """Show the form for the account of a person that an issuer vouches for."""
    person = service.remembered(uow, browser_secret(request))
    typed = {"first_name": person.vouched.first_name, "last_name": person.vouched.last_name}
    return with_device(request, _form(view, person, asked_of_new(view, uow), typed))


@router.post(JOIN_PAGE, dependencies=[FromOurPages, limited(block="sign_up")])
def join(request: Request, view: ViewDep, form: Typed, uow: UowDep, counter: LimiterDep) -> Response:
    """Create an account without a password, and sign in."""
    browser = browser_secret(request)
    person, asked = service.remembered(uow, browser), asked_of_new(view, uow)
    email = str(person.vouched.email)
    filled = read_form(
        view, asked, form, lambda: traced(request, VouchedSignUp.model_validate(form).account(email, view.t.language))
    )
    if filled.newcomer is None:
        return _form(view, person, asked, form, filled.errors)
    try:
        count_guardian(counter, asked, filled.newcomer)
        with uow.savepoint(keep=True):  # if the address was just taken, the person stays remembered, to be linked
            account, person = service.join(uow, browser, filled.newcomer.account)
    except EmailTaken:
        return view.go(f"{JOIN_PAGE}/account")
    except TooManyRequests as refusal:
        return _form(view, person, asked, form, refusal=refusal)
    joining.answer(uow, view.settings, account.id, filled.newcomer.answer, account.language)
    return enter(uow, request, view, account.id, place(person.onward, "/upload"), strong=person.vouched.strong)


@router.api_route(f"{JOIN_PAGE}/account", methods=["GET", "HEAD"])
def show_account_first(request: Request, view: ViewDep, uow: UowDep) -> Response:
    """Ask a person who cannot join directly to sign in or sign up, and to link afterwards.

    The page is the same whether an account has the address or not: the issuer may not have verified it.
    """
    person = service.remembered(uow, browser_secret(request))
    onwards = with_query("", next=LINK_PAGE)
    return view.show("issuer_account.html", name=_name(view, person), email=person.vouched.email, onwards=onwards)


@router.api_route(LINK_PAGE, methods=["GET", "HEAD"])
def show_link(request: Request, view: ViewDep, caller: CallerId, uow: UowDep) -> Response:
    """Ask the person who is signed in whether the issuer may vouch for this account."""
    person = service.remembered(uow, browser_secret(request))
    return view.show(
        "issuer_link.html",
        name=_name(view, person),
        email=person.vouched.email,
        me=accounts.who(uow, caller),
        path=LINK_PAGE,
        back=LIST_PAGE,
    )


@router.post(LINK_PAGE, dependencies=[FromOurPages])
def link(request: Request, view: ViewDep, caller: RecentCaller, uow: UowDep) -> Response:
    """Link the identity that came to this browser to the account that is signed in."""
    try:
        service.link_remembered(uow, browser_secret(request), caller.account_id)
    except IdentityTaken as refusal:
        return tell(view, refusal)
    return view.go(with_query(LIST_PAGE, done="linked"))


def _form(
    view: View,
    person: KnownPerson,
    asked: SignUpQuestions,
    form: Mapping[str, str],
    errors: Errors | None = None,
    refusal: Refusal | None = None,
) -> Response:
    status, problem = (400, view.t("form.problem")) if errors else (200, "")
    if refusal is not None:
        status, problem = refusal.status, refusal.text(view.t.language)
    return view.show(
        "issuer_join.html",
        status,
        name=_name(view, person),
        email=person.vouched.email,
        typed=defaultdict(str, form),
        errors=defaultdict(str, errors or {}),
        problem=problem,
        path=JOIN_PAGE,
        **asked.shown(),
    )


def _name(view: View, person: KnownPerson) -> str:
    """Return the issuer's name; its key once an operator removed it from the settings."""
    return next((one.name for one in view.settings.oidc_issuers if one.key == person.key), person.key)
