"""Accounts as rows."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from anb.accounts.domain import Account, NewAccount, Role, fold
from anb.db.session import UnitOfWork
from anb.db.tables import users

_COLUMNS = (
    users.c.id,
    users.c.email,
    users.c.username,
    users.c.first_name,
    users.c.last_name,
    users.c.city,
    users.c.country,
    users.c.role,
)


def add(uow: UnitOfWork, new: NewAccount, username: str, password_hash: str) -> Account | None:
    """Add an account; None when the e-mail or the username is somebody's already."""
    row = uow.execute(
        upsert(users)
        .values(
            email=new.email,
            username=username,
            first_name=new.first_name,
            last_name=new.last_name,
            city=new.city,
            city_key=fold(new.city),
            country=new.country,
            password_hash=password_hash,
        )
        .on_conflict_do_nothing()
        .returning(*_COLUMNS)
    ).one_or_none()
    return None if row is None else _account(row)


def has_email(uow: UnitOfWork, email: str) -> bool:
    """Say whether an account has this e-mail."""
    return uow.execute(select(users.c.id).where(users.c.email == email)).first() is not None


def usernames_like(uow: UnitOfWork, wanted: str) -> set[str]:
    """Return the usernames that are `wanted` or begin so."""
    rows = uow.execute(select(users.c.username).where(users.c.username.startswith(wanted, autoescape=True)))
    return set(rows.scalars())


def credentials(uow: UnitOfWork, email: str) -> tuple[UUID, str] | None:
    """Return id and password hash of an e-mail's account."""
    row = uow.execute(select(users.c.id, users.c.password_hash).where(users.c.email == email)).one_or_none()
    return None if row is None else (row.id, row.password_hash)


def get(uow: UnitOfWork, account_id: UUID) -> Account | None:
    """Return an account by id."""
    row = uow.execute(select(*_COLUMNS).where(users.c.id == account_id)).one_or_none()
    return None if row is None else _account(row)


def lock(uow: UnitOfWork, account_id: UUID) -> bool:
    """Let nobody else hold an account's row until this transaction ends; False when there is none."""
    held = select(users.c.id).where(users.c.id == account_id).with_for_update(key_share=True)
    return uow.execute(held).first() is not None


def get_role(uow: UnitOfWork, account_id: UUID) -> Role | None:
    """Return an account's role."""
    role = uow.execute(select(users.c.role).where(users.c.id == account_id)).scalar_one_or_none()
    return None if role is None else Role(role)


def set_role(uow: UnitOfWork, email: str, role: Role) -> Account | None:
    """Give an account another role; None when there is no such account."""
    row = uow.execute(
        update(users).where(users.c.email == email).values(role=role.value).returning(*_COLUMNS)
    ).one_or_none()
    return None if row is None else _account(row)


def _account(row: Row[Any]) -> Account:
    return Account(**{**row._mapping, "role": Role(row.role)})  # noqa: SLF001 - SQLAlchemy's public name for it
