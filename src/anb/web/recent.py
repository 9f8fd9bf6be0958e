"""Callers who have just proved who they are: for what a stolen session must not do."""

from datetime import timedelta
from typing import Annotated, ClassVar, Protocol
from uuid import UUID

from fastapi import Depends, Request

from anb.errors import Refusal
from anb.web.deps import CallerDep, PortsDep, SettingsDep
from anb.web.session_check import Caller


class SignInAgain(Refusal):
    """This needs the password again: the last time is too long ago."""

    status: ClassVar[int] = 403
    code: ClassVar[str] = "sign-in-again"


async def recent_caller(caller: CallerDep, settings: SettingsDep, ports: PortsDep) -> Caller:
    """Return a caller who gave the password within ANB_REAUTHENTICATION_SECONDS. Raises SignInAgain."""
    since = ports.clock.now() - timedelta(seconds=settings.reauthentication_seconds)
    if caller.authenticated_at is None or caller.authenticated_at < since:
        raise SignInAgain
    return caller


class StrengthCheck(Protocol):
    """Knows which accounts have a second factor; `anb.factors` implements it."""

    def require_strong(self, account_id: UUID) -> None:
        """Refuse what matters to a session without a second factor, if this account has one."""


def proven_caller(request: Request, caller: Annotated[Caller, Depends(recent_caller)]) -> Caller:
    """Return a caller who has used the second factor too, if the account has one: a stolen password is not enough."""
    if not caller.strong:
        strength: StrengthCheck = request.app.state.strength
        strength.require_strong(caller.account_id)
    return caller


RecentCaller = Annotated[Caller, Depends(proven_caller)]
