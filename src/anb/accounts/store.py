"""Accounts as rows."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from anb.accounts.domain import Account, NewAccount, Role, fold
from anb.db.session import UnitOfWork
from anb.db.tables_accounts import users

_COLUMNS = (
    users.c.id,
    users.c.email,
    users.c.username,
    users.c.first_name,
    users.c.last_name,
    users.c.city,
    users.c.country,
    users.c.role,
    users.c.language,
    users.c.email_confirmed_at,
    users.c.public_name,
)
_KEPT = users.c.erased_at.is_(None)
# Each vote asks this: to build it anew each time took longer than PostgreSQL's answer.
_HOLD = (
    select(*_COLUMNS)
    .where(users.c.id == bindparam("sought", type_=Uuid), _KEPT)
    .with_for_update(read=True, key_share=True)
)


def add(uow: UnitOfWork, new: NewAccount, username: str, password_hash: str | None) -> Account | None:
    """Add an account; None when the e-mail or the username is taken."""
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
            language=new.language,
        )
        .on_conflict_do_nothing()
        .returning(*_COLUMNS)
    ).one_or_none()
    return None if row is None else _account(row)


def usernames_like(uow: UnitOfWork, wanted: str, but: UUID | None = None) -> set[str]:
    """Return the usernames that begin with `wanted`, except that of the account `but`."""
    others = (users.c.username.startswith(wanted, autoescape=True), users.c.id.is_distinct_from(but))
    return set(uow.execute(select(users.c.username).where(*others)).scalars())


def credentials(uow: UnitOfWork, email: str) -> tuple[UUID, str] | None:
    """Return id and password hash of an e-mail's account; None also for an account without a password."""
    known = (users.c.email == email, users.c.password_hash.is_not(None))
    row = uow.execute(select(users.c.id, users.c.password_hash).where(*known)).one_or_none()
    return None if row is None else (row.id, row.password_hash)


def keeps_hash(uow: UnitOfWork, account_id: UUID, password_hash: str) -> bool:
    """Say whether an account still has this password hash, and keep it until this transaction ends."""
    held = select(users.c.password_hash).where(users.c.id == account_id).with_for_update(read=True)
    return uow.execute(held).scalar_one_or_none() == password_hash


def get(uow: UnitOfWork, account_id: UUID) -> Account | None:
    """Return an account by id."""
    row = uow.execute(select(*_COLUMNS).where(users.c.id == account_id, _KEPT)).one_or_none()
    return None if row is None else _account(row)


def hold(uow: UnitOfWork, account_id: UUID) -> Account | None:
    """Return an account that is not erased until this transaction ends; a foreign key takes the same lock."""
    row = uow.execute(_HOLD, {"sought": account_id}).one_or_none()
    return None if row is None else _account(row)


def find(uow: UnitOfWork, email: str) -> Account | None:
    """Return the account of an e-mail."""
    row = uow.execute(select(*_COLUMNS).where(users.c.email == email)).one_or_none()
    return None if row is None else _account(row)


def find_username(uow: UnitOfWork, username: str) -> Account | None:
    """Return the account of a public name; None also for an erased one."""
    row = uow.execute(select(*_COLUMNS).where(users.c.username == username, _KEPT)).one_or_none()
    return None if row is None else _account(row)


def first_id(uow: UnitOfWork) -> UUID | None:
    """Return the id of the first account there is."""
    return uow.execute(select(users.c.id).order_by(users.c.id).limit(1)).scalar_one_or_none()


def list_page(uow: UnitOfWork, after: UUID | None, limit: int) -> list[Account]:
    """Return accounts in the order of their ids, which is that of their sign-ups."""
    rows = select(*_COLUMNS).order_by(users.c.id).limit(limit)
    return [_account(row) for row in uow.execute(rows if after is None else rows.where(users.c.id > after))]


def lock_administrators(uow: UnitOfWork) -> list[UUID]:
    """Lock the rows of all administrators until this transaction ends, and return their ids."""
    theirs = select(users.c.id).where(users.c.role == Role.ADMINISTRATOR.value, _KEPT)
    return list(uow.execute(theirs.order_by(users.c.id).with_for_update(key_share=True)).scalars())


def password_hash(uow: UnitOfWork, account_id: UUID) -> str | None:
    """Return the password hash of an account; None also for an account without a password."""
    return uow.execute(select(users.c.password_hash).where(users.c.id == account_id)).scalar_one_or_none()


def set_password(uow: UnitOfWork, account_id: UUID, hashed: str) -> None:
    """Give an account another password."""
    uow.execute(update(users).where(users.c.id == account_id).values(password_hash=hashed))


def confirm(uow: UnitOfWork, account_id: UUID) -> bool:
    """Note that an account's e-mail is confirmed; False when it was already."""
    changed = update(users).where(users.c.id == account_id, users.c.email_confirmed_at.is_(None))
    return uow.execute(changed.values(email_confirmed_at=func.now())).rowcount > 0


def set_email(uow: UnitOfWork, account_id: UUID, email: str) -> bool:
    """Give an account another e-mail, confirmed; False when another account has it, and the transaction is over."""
    try:
        uow.execute(update(users).where(users.c.id == account_id).values(email=email, email_confirmed_at=func.now()))
    except IntegrityError:  # the unique e-mail: another account took it in this moment
        return False
    return True


def lock(uow: UnitOfWork, account_id: UUID) -> bool:
    """Lock an account's row until this transaction ends; False when it does not exist."""
    held = select(users.c.id).where(users.c.id == account_id, _KEPT).with_for_update(key_share=True)
    return uow.execute(held).first() is not None


def get_role(uow: UnitOfWork, account_id: UUID) -> Role | None:
    """Return an account's role."""
    role = uow.execute(select(users.c.role).where(users.c.id == account_id, _KEPT)).scalar_one_or_none()
    return None if role is None else Role(role)


def set_role(uow: UnitOfWork, email: str, role: Role) -> tuple[Account, bool] | None:
    """Give an account a role; return the account, and whether it had another; None when it does not exist."""
    mine = users.c.email == email
    changed = update(users).where(mine, users.c.role != role.value).values(role=role.value).returning(*_COLUMNS)
    row = uow.execute(changed).one_or_none()
    if row is not None:
        return _account(row), True
    row = uow.execute(select(*_COLUMNS).where(mine)).one_or_none()
    return None if row is None else (_account(row), False)


def _account(row: Row[Any]) -> Account:
    return Account(**{**row._mapping, "role": Role(row.role)})  # noqa: SLF001 - SQLAlchemy's public name for it
