"""Signing up and in."""

from uuid import UUID

from anb.accounts import store
from anb.accounts.domain import (
    Account,
    AccountNotFound,
    EmailTaken,
    NewAccount,
    OrganizersOnly,
    Role,
    WrongCredentials,
    username_for,
)
from anb.db.session import UnitOfWork
from anb.ports import Ports


def sign_up(uow: UnitOfWork, ports: Ports, new: NewAccount) -> Account:
    """Make an account with a public name of its own. Raises EmailTaken."""
    password_hash = ports.passwords.hash(new.password)
    account = None
    while account is None:
        account = store.add(uow, new, _free_username(uow, new), password_hash)
        # The e-mail is somebody's, or only the public name was taken in between.
        if account is None and store.has_email(uow, new.email):
            raise EmailTaken
    return account


def sign_in(uow: UnitOfWork, ports: Ports, email: str, password: str) -> str:
    """Return an access token. Raises WrongCredentials, after the same work whatever was wrong."""
    known = store.credentials(uow, email)
    matches = ports.passwords.matches(known[1] if known else None, password)
    if known is None or not matches:
        raise WrongCredentials
    return ports.tokens.issue(known[0])


def who(uow: UnitOfWork, account_id: UUID) -> Account:
    """Return the account of an id. Raises AccountNotFound."""
    account = store.get(uow, account_id)
    if account is None:
        raise AccountNotFound
    return account


def in_turn(uow: UnitOfWork, account_id: UUID) -> None:
    """Let what one person does at the same moment happen one after another, until this transaction ends.

    Raises AccountNotFound.
    """
    if not store.lock(uow, account_id):
        raise AccountNotFound


def role_of(uow: UnitOfWork, account_id: UUID) -> Role | None:
    """Return what somebody may do; None for an account that is no more."""
    return store.get_role(uow, account_id)


def organizer(uow: UnitOfWork, account_id: UUID) -> Account:
    """Return the account of an organizer. Raises OrganizersOnly."""
    account = store.get(uow, account_id)
    if account is None or account.role is not Role.ORGANIZER:
        raise OrganizersOnly
    return account


def give_role(uow: UnitOfWork, email: str, role: Role) -> Account:
    """Make somebody a player, a juror or an organizer. Raises AccountNotFound."""
    account = store.set_role(uow, email, role)
    if account is None:
        raise AccountNotFound
    return account


def _free_username(uow: UnitOfWork, new: NewAccount) -> str:
    wanted = username_for(new.first_name, new.last_name)
    taken = store.usernames_like(uow, wanted)
    return next(name for name in (wanted, *(f"{wanted}{n}" for n in range(2, len(taken) + 3))) if name not in taken)
