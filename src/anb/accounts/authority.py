"""The checks before an act on an account: organizers act on all but those of administrators, administrators on all.

Each function locks what its answer depends on until the transaction ends, so that two acts cannot cross.
"""

from collections.abc import Collection
from uuid import UUID

from anb.accounts import service, store
from anb.accounts.domain import Account, Actor, AdministratorsOnly, OwnRole, Role
from anb.db.session import UnitOfWork


def check_administrator(uow: UnitOfWork, actor: Actor) -> None:
    """Check that an administrator acts. Raises AdministratorsOnly, SecondFactorNeeded."""
    if not service.acts_as(uow, actor, Role.ADMINISTRATOR):
        raise AdministratorsOnly


def lock_for_organizer(uow: UnitOfWork, actor: Actor, account_id: UUID) -> Account:
    """Return the locked account that an organizer acts on; an administrator's is for administrators.

    Raises OrganizersOnly, AdministratorsOnly, SecondFactorNeeded, AccountNotFound.
    """
    service.organizer(uow, actor)
    account = _locked(uow, account_id)
    if Role.ADMINISTRATOR in account.role.acts:
        check_administrator(uow, actor)
    return account


def lock_administrators(uow: UnitOfWork) -> Collection[UUID]:
    """Lock the accounts of all administrators, and return their ids: call it before the two below."""
    return store.lock_administrators(uow)


def lock_for_administrator(uow: UnitOfWork, actor: Actor, account_id: UUID) -> Account:
    """Return the locked account that an administrator acts on. Another may have taken the actor's role meanwhile.

    Raises AdministratorsOnly, SecondFactorNeeded, AccountNotFound.
    """
    check_administrator(uow, actor)
    return _locked(uow, account_id)


def lock_for_role(uow: UnitOfWork, actor: Actor, account_id: UUID) -> Account:
    """Return the locked account whose role an administrator changes.

    Raises OwnRole, AdministratorsOnly, SecondFactorNeeded, AccountNotFound.
    """
    account = lock_for_administrator(uow, actor, account_id)
    if account_id == actor.account_id:
        raise OwnRole
    return account


def _locked(uow: UnitOfWork, account_id: UUID) -> Account:
    service.lock_account(uow, account_id)
    return service.who(uow, account_id)
