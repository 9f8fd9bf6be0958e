"""Signing in with an issuer of OpenID Connect: to the issuer, back, and into an account.

The forms answer with a page that leads to the issuer, not with a redirect: our policy lets forms lead to our own
addresses only, and browsers apply it to redirects too.
"""

from dataclasses import replace
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from anb.accounts import service as accounts
from anb.accounts.domain import SecondStep
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.factors.service import CEREMONY_SECONDS
from anb.identities import service
from anb.identities.domain import (
    VOUCHED_SECONDS,
    Attempt,
    AttemptInvalid,
    IdentityTaken,
    IssuerMistrusted,
    IssuerRefused,
    IssuerUnavailable,
    IssuerUnknown,
    KnownPerson,
    new_secret,
)
from anb.logs import record
from anb.pages import begun
from anb.pages.entering import client_of, entered
from anb.pages.forms import FromOurPages, Typed, place
from anb.pages.view import View, ViewDep, with_query
from anb.pages.vouched_form import clean_email
from anb.ports.issuers import IssuerAnswer, IssuerMistaken, Issuers, IssuerSilent, Vouched
from anb.settings.issuers import IssuerConfig
from anb.web.deps import SettingsDep, cookie_name, ports_of
from anb.web.problems import RETRY_AFTER
from anb.web.rate_limits import limited
from anb.web.transacting import transact

router = APIRouter(include_in_schema=False)

LIST_PAGE = "/account/identities"
LINK_PAGE = f"{LIST_PAGE}/link"
JOIN_PAGE = "/signup/with"
Word = Annotated[str, Query(max_length=4096)]


def issuer_of(key: str, settings: SettingsDep) -> IssuerConfig:
    """Return the issuer that an address names. Raises IssuerUnknown."""
    found = next((issuer for issuer in settings.oidc_issuers if issuer.key == key), None)
    if found is None:
        raise IssuerUnknown
    return found


IssuerDep = Annotated[IssuerConfig, Depends(issuer_of)]


@router.post("/login/with/{key}", dependencies=[FromOurPages, limited(block="issuer_block")])  # noqa: FAST003 - IssuerDep reads it
async def begin(request: Request, view: ViewDep, form: Typed, issuer: IssuerDep) -> Response:
    """Lead to an issuer, to sign in there."""
    return await lead_to(request, view, issuer, place(form.get("next"), ""))


@router.api_route("/login/with/{key}/callback", methods=["GET", "HEAD"])
async def come_back(
    request: Request,
    view: ViewDep,
    issuer: IssuerDep,
    state: Word = "",
    code: Word = "",
    iss: Word | None = None,
) -> Response:
    """Sign in the person the issuer vouches for, if this browser began the sign-in."""
    if request.method == "HEAD":
        return view.show("issuer_told.html", title="", text="")  # for previews of links; the code is for the browser
    try:
        attempt = await transact(
            request, partial(service.resume, browser=browser_secret(request), key=issuer.key, state=state)
        )
        vouched = await _vouched(request, view, issuer, attempt, IssuerAnswer(code, iss))
        return await transact(request, partial(_enter, request=request, view=view, attempt=attempt, vouched=vouched))
    except (AttemptInvalid, IdentityTaken, IssuerRefused, IssuerMistrusted, IssuerUnavailable) as refusal:
        return tell(view, refusal)


async def lead_to(
    request: Request, view: View, issuer: IssuerConfig, onward: str, account_id: UUID | None = None
) -> Response:
    """Answer with a page that leads to an issuer; with an account, to link it."""
    browser = browser_secret(request) or new_secret()
    act = partial(service.begin, browser=browser, key=issuer.key, onward=onward, account_id=account_id)
    secrets = await transact(request, act)
    try:
        address = await _issuers(request).address(issuer.key, secrets, redirect_uri(view, issuer))
    except (IssuerSilent, IssuerMistaken) as failure:
        return tell(view, _refusal(issuer, failure))
    page = view.show("issuer_leave.html", address=address, name=issuer.name)
    keep_browser(request, page, browser)
    return page


async def _vouched(
    request: Request, view: View, issuer: IssuerConfig, attempt: Attempt, answer: IssuerAnswer
) -> Vouched:
    if not answer.code:
        record("identities.sign_in.failed", issuer=issuer.key, reason="refused")
        raise IssuerRefused(issuer=issuer.name)
    try:
        said = await _issuers(request).redeem(issuer.key, attempt.secrets, answer, redirect_uri(view, issuer))
    except (IssuerSilent, IssuerMistaken) as failure:
        raise _refusal(issuer, failure) from failure
    email = clean_email(said.email)
    return replace(said, email=email, email_verified=said.email_verified and email is not None)


def _refusal(issuer: IssuerConfig, failure: IssuerSilent | IssuerMistaken) -> Refusal:
    record("identities.sign_in.failed", issuer=issuer.key, reason=str(failure))
    kind = IssuerUnavailable if isinstance(failure, IssuerSilent) else IssuerMistrusted
    return kind(issuer=issuer.name)


def _enter(uow: UnitOfWork, *, request: Request, view: View, attempt: Attempt, vouched: Vouched) -> Response:
    """Link, sign in, or ask for what is missing."""
    if attempt.account_id is not None:
        if attempt.account_id != view.caller:
            raise AttemptInvalid  # this person signed out meanwhile, or another one signed in
        service.link(uow, attempt.account_id, attempt.key, vouched)
        return view.go(f"{LIST_PAGE}?done=linked")
    account_id = service.recognize(uow, attempt.key, vouched)
    if account_id is not None:
        return enter(uow, request, view, account_id, attempt.onward, strong=vouched.strong)
    person = KnownPerson(attempt.key, vouched, attempt.onward)
    browser = browser_secret(request)
    service.remember(uow, browser, person)
    if view.caller is not None:
        return keep_browser(request, view.go(LINK_PAGE), browser)
    known = not person.may_join or service.has_account(uow, person)
    return keep_browser(request, view.go(f"{JOIN_PAGE}/account" if known else JOIN_PAGE), browser)


def enter(uow: UnitOfWork, request: Request, view: View, account_id: UUID, onward: str, *, strong: bool) -> Response:
    """Sign an account in; a session that this browser had before ends. A second factor comes before that."""
    email = accounts.who(uow, account_id).email
    outcome = accounts.admit(
        uow, ports_of(request), account_id, client_of(request, email), strong=strong, instead_of=view.session_id
    )
    if isinstance(outcome, SecondStep):
        # Browsers send the cookie of the second step only where our own page leads there: the issuer led to this one.
        page = view.show("issuer_second.html", address=with_query("/login/second", next=onward))
        begun.keep(request, page, "step", outcome.token, CEREMONY_SECONDS)
        return page
    return entered(request, view, outcome, email, onward)


def tell(view: View, refusal: Refusal) -> Response:
    """Say why the sign-in failed, and show the way back."""
    page = view.show(
        "issuer_told.html", refusal.status, title=view.t("told.issuer_failed"), text=refusal.text(view.t.language)
    )
    if isinstance(refusal, IssuerUnavailable):
        page.headers["Retry-After"] = RETRY_AFTER
    return page


def redirect_uri(view: View, issuer: IssuerConfig) -> str:
    """Return the address to which an issuer sends people back; its own, so that answers of two are never mixed up."""
    return f"{str(view.settings.public_url).rstrip('/')}/login/with/{issuer.key}/callback"


def browser_secret(request: Request) -> str:
    """Return the secret that ties sign-ins to this browser; empty if it has none."""
    return request.cookies.get(_cookie(request), "")


def keep_browser(request: Request, response: Response, browser: str) -> Response:
    """Let a browser keep its secret for as long as a sign-in may take."""
    secure = request.url.scheme == "https"
    response.set_cookie(
        _cookie(request), browser, max_age=VOUCHED_SECONDS, secure=secure, httponly=True, samesite="lax"
    )
    return response


def _cookie(request: Request) -> str:
    return f"{cookie_name(request)}-issuer"


def _issuers(request: Request) -> Issuers:
    issuers: Issuers = request.app.state.issuers
    return issuers
