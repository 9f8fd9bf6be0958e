"""The second factors of an account: its passkeys, one-time passwords and recovery codes.

The password, given a moment ago, sets up the first factor; from then on a change needs one of the factors, too.
"""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from anb.accounts import security
from anb.accounts import service as accounts
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.factors import service as factors
from anb.factors.domain import (
    KeyOwner,
    LastFactor,
    PasskeyNotFound,
    PasskeyRefused,
    SignInBegunAnew,
    TotpEnrolledAlready,
    TotpNotBegun,
    WrongCode,
    clean_name,
)
from anb.pages import begun
from anb.pages.drawing import draw_code
from anb.pages.forms import FromOurPages, Typed
from anb.pages.outcomes import private
from anb.pages.passkeys import options_answer, party_here
from anb.pages.relying_party import party_of
from anb.pages.view import View, ViewDep
from anb.web.deps import DatabaseDep, PortsDep, UowDep
from anb.web.device import device_of
from anb.web.rate_limits import limited
from anb.web.recent import RecentCaller
from anb.web.session_check import Caller

router = APIRouter(prefix="/account/security", include_in_schema=False)

HOME = "/account/security"
CHANGES = [FromOurPages, limited("change")]
SAID = ("passkey", "renamed", "removed", "totp")


@router.api_route("", methods=["GET", "HEAD"])
def show_security(request: Request, view: ViewDep, owner: RecentCaller, uow: UowDep, done: str = "") -> Response:
    """Show the caller's second factors."""
    return _security(request, view, owner, uow, said=view.t(f"security.done_{done}") if done in SAID else "")


@router.post("/passkeys/options", dependencies=CHANGES)
def begin_passkey(request: Request, view: ViewDep, owner: RecentCaller, uow: UowDep) -> Response:
    """Begin to register a passkey."""
    account = accounts.who(uow, owner.account_id)
    party = party_here(request, view)
    ceremony = factors.begin_registration(uow, party, KeyOwner(account.id, account.email, account.name))
    return options_answer(request, ceremony)


@router.post("/passkeys", dependencies=CHANGES)
def add_passkey(
    request: Request, view: ViewDep, owner: RecentCaller, form: Typed, database: DatabaseDep, uow: UowDep
) -> Response:
    """Register a passkey."""
    party, token = party_here(request, view), begun.held(request, "passkey")
    name = clean_name(form.get("name", ""), device_of(request) or "Passkey")
    try:
        factors.register_passkey(database, party, owner.account_id, token, form.get("answer", ""), name)
    except (PasskeyRefused, SignInBegunAnew) as refusal:
        return _security(request, view, owner, uow, refusal)
    return _added(view, uow, owner, "passkey")


@router.post("/passkeys/{passkey_id}/name", dependencies=CHANGES)
def rename_passkey(view: ViewDep, passkey_id: UUID, owner: RecentCaller, form: Typed, uow: UowDep) -> Response:
    """Rename a passkey."""
    factors.rename_passkey(uow, owner.account_id, passkey_id, form.get("name", ""))
    return view.go(f"{HOME}?done=renamed")


@router.post("/passkeys/{passkey_id}/remove", dependencies=CHANGES)
def remove_passkey(request: Request, view: ViewDep, passkey_id: UUID, owner: RecentCaller, uow: UowDep) -> Response:
    """Remove a passkey."""
    try:
        security.remove_passkey(uow, view.settings.second_factor_roles, owner.account_id, passkey_id)
    except LastFactor as refusal:
        return _security(request, view, owner, uow, refusal)
    except PasskeyNotFound:
        pass  # a second click
    return view.go(f"{HOME}?done=removed")


@router.post("/totp", dependencies=CHANGES)
def begin_totp(request: Request, view: ViewDep, owner: RecentCaller, uow: UowDep, ports: PortsDep) -> Response:
    """Make a secret for an authenticator app."""
    try:
        factors.begin_totp(uow, ports, owner.account_id)
    except TotpEnrolledAlready as refusal:
        return _security(request, view, owner, uow, refusal)
    return view.go(f"{HOME}/totp")


@router.api_route("/totp", methods=["GET", "HEAD"])
def show_totp(view: ViewDep, owner: RecentCaller, uow: UowDep, ports: PortsDep) -> Response:
    """Show the secret that waits for its first code."""
    return _totp(view, uow, ports, owner)


@router.post("/totp/confirm", dependencies=CHANGES)
def confirm_totp(view: ViewDep, owner: RecentCaller, form: Typed, uow: UowDep, ports: PortsDep) -> Response:
    """Let the codes of an authenticator app count."""
    try:
        factors.confirm_totp(uow, ports, owner.account_id, form.get("code", ""))
    except WrongCode as refusal:
        return _totp(view, uow, ports, owner, refusal)
    except TotpNotBegun:
        return view.go(HOME)
    return _added(view, uow, owner, "totp")


@router.post("/totp/remove", dependencies=CHANGES)
def remove_totp(request: Request, view: ViewDep, owner: RecentCaller, uow: UowDep) -> Response:
    """Remove the codes of an authenticator app."""
    try:
        security.remove_totp(uow, view.settings.second_factor_roles, owner.account_id)
    except LastFactor as refusal:
        return _security(request, view, owner, uow, refusal)
    return view.go(f"{HOME}?done=removed")


@router.post("/recovery", dependencies=CHANGES)
def renew_recovery(view: ViewDep, owner: RecentCaller, uow: UowDep) -> Response:
    """Show new recovery codes, once."""
    return private(view.show("recovery.html", codes=factors.renew_recovery_codes(uow, owner.account_id)))


def _added(view: View, uow: UnitOfWork, owner: Caller, done: str) -> Response:
    """Note that a factor was added: this session has used it, and its first one comes with recovery codes."""
    codes = security.factor_added(uow, owner.account_id, owner.session_id)
    return private(view.show("recovery.html", codes=codes)) if codes else view.go(f"{HOME}?done={done}")


def _security(
    request: Request, view: View, caller: Caller, uow: UnitOfWork, refusal: Refusal | None = None, said: str = ""
) -> Response:
    page = view.show(
        "security.html",
        400 if refusal else 200,
        known=factors.factors_of(uow, caller.account_id),
        passkeys=party_of(request, view.settings) is not None,
        problem=refusal.text(view.t.language) if refusal else "",
        said=said,
    )
    return private(page)


def _totp(view: View, uow: UnitOfWork, ports: PortsDep, owner: Caller, refusal: Refusal | None = None) -> Response:
    secret = factors.begun_totp(uow, ports, owner.account_id)
    if secret is None:
        return view.go(HOME)
    address = factors.totp_address(secret, accounts.who(uow, owner.account_id).email)
    page = view.show(
        "totp.html",
        400 if refusal else 200,
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        code=draw_code(address),
        address=address,
        problem=refusal.text(view.t.language) if refusal else "",
    )
    return private(page)
