"""The actor of a request: its caller, and the roles for whose acts the session is too weak.

An endpoint that does something for a role takes an ActorDep; the service it calls asks `accounts.service.acts_as`.
"""

from typing import Annotated

from fastapi import Depends

from anb.accounts.domain import Actor, Role
from anb.settings import Settings
from anb.web.deps import CallerDep, MaybeCallerDep, SettingsDep
from anb.web.session_check import Caller


def actor_of(caller: Caller, settings: Settings) -> Actor:
    """Return a caller as an actor."""
    if caller.strong:
        return Actor(caller.account_id)
    return Actor(caller.account_id, frozenset(role for role in Role if role.value in settings.second_factor_roles))


async def acting(caller: CallerDep, settings: SettingsDep) -> Actor:
    """Return the caller. Raises NotSignedIn."""
    return actor_of(caller, settings)


async def maybe_acting(caller: MaybeCallerDep, settings: SettingsDep) -> Actor | None:
    """Return the caller, if there is one."""
    return None if caller is None else actor_of(caller, settings)


ActorDep = Annotated[Actor, Depends(acting)]
MaybeActorDep = Annotated[Actor | None, Depends(maybe_acting)]
