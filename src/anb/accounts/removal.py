"""Removing accounts: erase what is personal and keep the row, or delete accounts that were never used."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update

from anb.accounts.domain import Role
from anb.db.session import UnitOfWork
from anb.db.tables_accounts import email_changes, links, profile_changes, users

# What remains of a person whose clips were counted: a name that belongs to no person, the city of the count, the votes.
NAME = ("Cuenta", "eliminada")


@dataclass(frozen=True)
class ErasedPerson:
    """The person whose account was erased, for the last mail and for traces elsewhere."""

    email: str
    first_name: str
    username: str
    language: str


def lock(uow: UnitOfWork, account_id: UUID) -> bool:
    """Lock an account against everything, votes included; False when it was erased before, or does not exist."""
    kept = select(users.c.id).where(users.c.id == account_id, users.c.erased_at.is_(None))
    return uow.execute(kept.with_for_update()).first() is not None


def erase(uow: UnitOfWork, account_id: UUID) -> ErasedPerson | None:
    """Remove what is personal from an account; its id stays. None when it was erased before."""
    wanted = select(users.c.email, users.c.first_name, users.c.last_name, users.c.username, users.c.language)
    row = uow.execute(wanted.where(users.c.id == account_id, users.c.erased_at.is_(None))).one_or_none()
    if row is None:
        return None
    first, last = NAME
    uow.execute(
        update(users)
        .where(users.c.id == account_id)
        .values(
            email=f"{account_id}@erased.invalid",
            username=f"eliminada-{account_id.hex[-12:]}",
            first_name=first,
            last_name=last,
            password_hash="erased",  # noqa: S106 - matches no password
            role=Role.PLAYER.value,
            email_confirmed_at=None,
            public_name=None,
            birth_year=None,
            erased_at=func.now(),
        )
    )
    for table in (profile_changes, email_changes):
        uow.execute(delete(table).where(table.c.account_id == account_id))
    uow.execute(delete(links).where((links.c.account_id == account_id) | (links.c.facts["email"].astext == row.email)))
    return ErasedPerson(row.email, row.first_name, row.username, row.language)


def list_unconfirmed(uow: UnitOfWork, days: int, limit: int, after: UUID | None) -> list[UUID]:
    """Return players' accounts whose e-mail could be confirmed for this long and never was, oldest first."""
    old = users.c.confirmable_at < func.now() - func.make_interval(0, 0, 0, days)
    never = (users.c.email_confirmed_at.is_(None), users.c.erased_at.is_(None), users.c.role == Role.PLAYER.value)
    query = select(users.c.id).where(old, *never).order_by(users.c.id).limit(limit)
    return list(uow.execute(query if after is None else query.where(users.c.id > after)).scalars())


def delete_account(uow: UnitOfWork, account_id: UUID) -> bool:
    """Delete an account that no clip, vote or job names; the database refuses any other. False: it does not exist."""
    return uow.execute(delete(users).where(users.c.id == account_id)).rowcount == 1


def purge_links(uow: UnitOfWork, before: datetime) -> int:
    """Delete links of mails that were used, or expired, before a moment; return how many."""
    over = func.least(func.coalesce(links.c.used_at, links.c.expires_at), links.c.expires_at)
    return uow.execute(delete(links).where(over < before)).rowcount
