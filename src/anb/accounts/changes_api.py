"""The HTTP endpoints of what an account's owner changes: the password, and the e-mail address."""

from functools import partial

from fastapi import APIRouter, Request

from anb.accounts import changes, changing_email, service
from anb.accounts.change_schemas import EmailShown, EmailStopped, email_shown
from anb.accounts.domain import AccountNotFound, EmailTaken, PasswordsDiffer, WrongPassword
from anb.accounts.links import LinkExpired, LinkInvalid, LinkUsed
from anb.accounts.schemas import Address, LinkToken, PasswordChange
from anb.db.session import UnitOfWork
from anb.web.deps import CallerDep, CallerId, DatabaseDep, HashingDep, PortsDep, SettingsDep, UowDep
from anb.web.hashing import TooManySignIns
from anb.web.problems import refusals
from anb.web.rate_limits import LimiterDep, limited
from anb.web.recent import RecentCaller, SignInAgain

router = APIRouter(prefix="/api", tags=["accounts"])

_ANSWERED = refusals(LinkInvalid, EmailTaken, LinkExpired, LinkUsed)


@router.post(
    "/me/password",
    status_code=204,
    dependencies=[limited("password")],
    responses=refusals(PasswordsDiffer, WrongPassword, TooManySignIns),
)
async def change_password(
    request: Request,
    body: PasswordChange,
    caller: CallerDep,
    database: DatabaseDep,
    ports: PortsDep,
    hashing: HashingDep,
) -> None:
    """Change the caller's password; all other sessions end, and the owner is told by mail."""
    words = body.password, body.chosen()
    act = partial(changes.change_password, database, ports, caller.account_id, caller.session_id, *words)
    await hashing.run(request, act)


@router.get("/me/email", responses=refusals(AccountNotFound))
def show_email(caller: CallerId, uow: UowDep) -> EmailShown:
    """Show the caller's address, and the change that is under way."""
    return _shown(uow, caller)


@router.post(
    "/me/email",
    status_code=202,
    dependencies=[limited("mail_asked", block="mail_block")],
    responses=refusals(SignInAgain, AccountNotFound),
)
def ask_new_email(
    body: Address, caller: RecentCaller, uow: UowDep, settings: SettingsDep, counter: LimiterDep
) -> EmailShown:
    """Ask for another address. Both addresses get a mail; the change replaces the one that is under way.

    It takes effect once the new address has accepted and the former one has approved, or has not refused for
    `ANB_EMAIL_CHANGE_DAYS`. The answer is the same when another account has the address.
    """
    if counter.allows(counter.mailbox("mail", body.email)):
        changing_email.ask(uow, caller.account_id, body.email, settings.email_change_days)
    return _shown(uow, caller.account_id)


@router.delete("/me/email/change", status_code=204, responses=refusals(SignInAgain, AccountNotFound))
def cancel_new_email(caller: RecentCaller, uow: UowDep) -> None:
    """Give the change of address up."""
    changing_email.cancel(uow, caller.account_id)


@router.post("/auth/email/accept", status_code=204, responses=_ANSWERED)
def accept_new_email(body: LinkToken, uow: UowDep) -> None:
    """Accept a change of address by the `token` of the link that the new one got."""
    changing_email.accept(uow, body.token)


@router.post("/auth/email/approve", status_code=204, responses=_ANSWERED)
def approve_new_email(body: LinkToken, uow: UowDep) -> None:
    """Approve a change of address by the `token` of the link that the former one got."""
    changing_email.approve(uow, body.token)


@router.post("/auth/email/stop", responses=_ANSWERED)
def stop_new_email(body: LinkToken, uow: UowDep) -> EmailStopped:
    """Stop a change of address, or take it back, by the `token` of the link that the former one got.

    All sessions end. The answer has the token with which to choose another password (`/api/auth/reset`).
    """
    return EmailStopped(token=changing_email.stop(uow, body.token).partition("token=")[2])


def _shown(uow: UnitOfWork, account_id: CallerId) -> EmailShown:
    return email_shown(service.who(uow, account_id), changing_email.find(uow, account_id))
