"""The HTTP endpoints of accounts: 1 and 2 of the contract."""

from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from anb.accounts import invitations, security, service
from anb.accounts.domain import EmailTaken, PasswordsDiffer, SignedIn, WrongCredentials
from anb.accounts.links import LinkExpired, LinkInvalid, LinkUsed
from anb.accounts.schemas import (
    AccessToken,
    FactorCode,
    InvitedSignUp,
    RefreshToken,
    SignedUp,
    SignIn,
    SignUp,
    signed_up,
)
from anb.factors import service as factors
from anb.factors.domain import WrongCode
from anb.sessions import service as sessions
from anb.sessions.domain import RefreshRefused, SessionClient, SessionKind
from anb.signals.trace import TraceDep
from anb.web.code_guesses import guard_code
from anb.web.deps import CallerDep, DatabaseDep, HashingDep, LanguageDep, PortsDep, SettingsDep, UowDep
from anb.web.device import device_of
from anb.web.guesses import guard, knows
from anb.web.hashing import TooManySignIns
from anb.web.problems import refusals, refused
from anb.web.rate_limits import LimiterDep, TooManyRequests, limited
from anb.web.recent import SignInAgain

router = APIRouter(prefix="/api/auth", tags=["accounts"])


@router.post(
    "/signup",
    status_code=201,
    dependencies=[limited(block="sign_up")],
    responses=refusals(EmailTaken, PasswordsDiffer, TooManySignIns),
)
async def sign_up(
    request: Request,
    body: SignUp,
    database: DatabaseDep,
    ports: PortsDep,
    hashing: HashingDep,
    language: LanguageDep,
    trace: TraceDep,
) -> SignedUp:
    """Create an account, and send its e-mail address a link to confirm it."""
    act = partial(service.sign_up, database, ports, replace(body.account(language), trace=trace))
    return signed_up(await hashing.run(request, act))


@router.post(
    "/invitation",
    status_code=201,
    dependencies=[limited(block="sign_up")],
    responses=refusals(LinkInvalid, EmailTaken, PasswordsDiffer, LinkExpired, LinkUsed, TooManySignIns),
)
async def accept_invitation(
    request: Request,
    body: InvitedSignUp,
    database: DatabaseDep,
    ports: PortsDep,
    hashing: HashingDep,
    language: LanguageDep,
    trace: TraceDep,
) -> SignedUp:
    """Create the account of an invitation by the `token` of its link: confirmed, and with the role that it gives.

    An `email` that is not the invited one is refused as an invalid link; the link can still be used then.
    """
    new = replace(body.account(language), trace=trace)
    return signed_up(await hashing.run(request, partial(invitations.sign_up, database, ports, body.token, new)))


@router.post("/login", responses=refusals(WrongCredentials, WrongCode, TooManySignIns, TooManyRequests))
async def sign_in(
    request: Request,
    body: SignIn,
    database: DatabaseDep,
    ports: PortsDep,
    settings: SettingsDep,
    hashing: HashingDep,
    counter: LimiterDep,
    trace: TraceDep,
) -> AccessToken:
    """Exchange e-mail and password, and a second factor's code if there is one, for an access token."""
    is_known = knows(request, body.email)
    client = SessionClient(SessionKind.PROGRAM, device_of(request), trace.block, is_known, trace.device)
    attempt = partial(service.sign_in, database, ports, body.email, body.password, client, code=body.code)
    if body.code is not None:
        attempt = partial(
            guard_code, counter, body.email, WrongCode, attempt, guessable=factors.is_guessable(body.code)
        )
    entered = await hashing.run(request, partial(guard, counter, body.email, WrongCredentials, attempt))
    assert isinstance(entered, SignedIn)  # noqa: S101 - for the types: only browsers get a second step
    return AccessToken(
        access_token=ports.tokens.issue(entered.account_id, entered.session.id),
        expires_in=settings.token_seconds,
        refresh_token=entered.session.secret,
        refresh_expires_in=min(settings.session_seconds, settings.session_most_seconds),
    )


@router.post(
    "/refresh",
    dependencies=[limited(block="refresh")],
    response_model=AccessToken,
    responses=refusals(RefreshRefused),
)
def refresh_token(
    request: Request, body: RefreshToken, uow: UowDep, ports: PortsDep, settings: SettingsDep
) -> AccessToken | JSONResponse:
    """Exchange a refresh token for an access token and the next refresh token; each is good for one exchange.

    A refresh token that was exchanged before ends its session, because two clients have it. Within
    `ANB_REFRESH_GRACE_SECONDS` the last exchange may be repeated, with the same answer, in case it was lost.
    """
    refreshed = sessions.refresh(uow, ports, body.refresh_token)
    if refreshed is None:
        return refused(request, RefreshRefused())  # not raised: the end of the session is to be committed
    session = refreshed.session
    return AccessToken(
        access_token=ports.tokens.issue(session.account_id, session.id, strong=session.strong),
        expires_in=settings.token_seconds,
        refresh_token=refreshed.secret,
        refresh_expires_in=int((session.expires_at - ports.clock.now()).total_seconds()),
    )


@router.post("/logout", status_code=204)
def sign_out(caller: CallerDep, uow: UowDep) -> None:
    """End the token's session: its access tokens and its refresh token are refused from now on."""
    sessions.sign_out(uow, caller.account_id, caller.session_id)


@router.post("/factor", status_code=204, responses=refusals(WrongCode, SignInAgain, TooManyRequests))
def use_factor(
    body: FactorCode, caller: CallerDep, database: DatabaseDep, ports: PortsDep, counter: LimiterDep
) -> None:
    """Make the token's session good for the acts of jurors, organizers and administrators, by a code.

    All servers know in a second.
    """
    if caller.session_id is None:  # a token from before there were sessions
        raise SignInAgain
    with database.reading() as uow:
        email = service.who(uow, caller.account_id).email
    attempt = partial(security.strengthen, database, ports, caller.account_id, caller.session_id, body.code)
    guard_code(counter, email, WrongCode, attempt, guessable=factors.is_guessable(body.code))
