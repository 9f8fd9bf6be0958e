"""The HTTP endpoints of confirmation and of forgotten passwords."""

from functools import partial

from fastapi import APIRouter, Request

from anb.accounts import recovery, service
from anb.accounts.domain import PasswordsDiffer
from anb.accounts.links import LinkExpired, LinkInvalid, LinkUsed
from anb.accounts.schemas import Address, LinkToken, Reset
from anb.web.deps import CallerId, DatabaseDep, HashingDep, LanguageDep, PortsDep, UowDep
from anb.web.hashing import TooManySignIns
from anb.web.problems import refusals
from anb.web.rate_limits import LimiterDep, limited

router = APIRouter(prefix="/api", tags=["accounts"])


@router.post("/auth/confirm", status_code=204, responses=refusals(LinkInvalid, LinkExpired, LinkUsed))
def confirm_email(body: LinkToken, uow: UowDep) -> None:
    """Confirm an e-mail address by the `token` of the link that was sent to it."""
    recovery.confirm(uow, body.token)


@router.post("/me/confirmation", status_code=204, dependencies=[limited("mail_asked", block="mail_block")])
def send_confirmation(caller: CallerId, uow: UowDep, counter: LimiterDep) -> None:
    """Send another link to confirm the caller's address, if it is not confirmed. The answer is always the same."""
    if counter.allows(counter.mailbox("mail", service.who(uow, caller).email)):
        recovery.resend_confirmation(uow, caller)


@router.post("/auth/forgot", status_code=204, dependencies=[limited(block="mail_block")])
def forgot_password(body: Address, uow: UowDep, language: LanguageDep, counter: LimiterDep) -> None:
    """Send a link to set another password. The answer is the same whether an account has the address or not."""
    if counter.allows(counter.mailbox("mail", body.email)):
        recovery.ask_reset(uow, body.email, language)


@router.post(
    "/auth/reset",
    status_code=204,
    responses=refusals(LinkInvalid, PasswordsDiffer, LinkExpired, LinkUsed, TooManySignIns),
)
async def reset_password(
    request: Request, body: Reset, database: DatabaseDep, ports: PortsDep, hashing: HashingDep
) -> None:
    """Set another password by the `token` of a link; all sessions of the account end."""
    await hashing.run(request, partial(recovery.reset, database, ports, body.token, body.chosen()))
