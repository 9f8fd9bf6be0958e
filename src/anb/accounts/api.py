"""The HTTP door of accounts: endpoints 1 and 2 of the contract."""

from fastapi import APIRouter

from anb.accounts import service
from anb.accounts.domain import EmailTaken, PasswordsDiffer, WrongCredentials
from anb.accounts.schemas import AccessToken, SignedUp, SignIn, SignUp
from anb.web.deps import PortsDep, SettingsDep, UowDep
from anb.web.problems import refusals

router = APIRouter(prefix="/api/auth", tags=["accounts"])


@router.post("/signup", status_code=201, responses=refusals(EmailTaken, PasswordsDiffer))
def sign_up(body: SignUp, uow: UowDep, ports: PortsDep) -> SignedUp:
    """Make an account."""
    account = service.sign_up(uow, ports, body.account())
    return SignedUp(user_id=account.id, username=account.username)


@router.post("/login", responses=refusals(WrongCredentials))
def sign_in(body: SignIn, uow: UowDep, ports: PortsDep, settings: SettingsDep) -> AccessToken:
    """Exchange e-mail and password for an access token."""
    token = service.sign_in(uow, ports, body.email, body.password)
    return AccessToken(access_token=token, expires_in=settings.token_seconds)
