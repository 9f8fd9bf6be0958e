"""The list of accounts, for organizers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select

from anb.accounts.domain import Role
from anb.db.paging import Listed, Page, cut
from anb.db.session import UnitOfWork
from anb.db.tables_accounts import users


@dataclass(frozen=True)
class AccountFilter:
    """Which accounts to list: those that fit all that is given."""

    role: Role | None = None
    confirmed: bool | None = None
    text: str | None = None  # the beginning of a short public name, or a whole e-mail


@dataclass(frozen=True)
class ListedAccount:
    """An account in the list: what tells it from others, and no more."""

    id: UUID
    username: str
    role: Role
    is_confirmed: bool


_CONFIRMED = users.c.email_confirmed_at.is_not(None)


def search(uow: UnitOfWork, wanted: AccountFilter, page: Page) -> Listed[ListedAccount]:
    """Return the accounts that fit and are not erased, newest first. Raises InvalidPage."""
    rules = [users.c.erased_at.is_(None), *_rules(wanted)]
    query = select(users.c.id, users.c.username, users.c.role, _CONFIRMED.label("is_confirmed")).where(*rules)
    after = page.key(UUID)
    if after is not None:
        query = query.where(users.c.id < after[0])
    rows = uow.execute(query.order_by(users.c.id.desc()).offset(page.skip).limit(page.limit + 1))
    count = select(func.count()).select_from(users).where(*rules)
    total = uow.totals.of(("accounts", wanted), lambda: uow.execute(count).scalar_one())
    return cut([_found(row) for row in rows], total, page, lambda found: (found.id,))


def _rules(wanted: AccountFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.role is not None:
        yield users.c.role == wanted.role.value
    if wanted.confirmed is not None:
        yield _CONFIRMED if wanted.confirmed else users.c.email_confirmed_at.is_(None)
    if wanted.text is not None:
        is_email = "@" in wanted.text
        yield users.c.email == wanted.text if is_email else users.c.username.startswith(wanted.text, autoescape=True)


def _found(row: Row[Any]) -> ListedAccount:
    return ListedAccount(**{**row._mapping, "role": Role(row.role)})  # noqa: SLF001 - SQLAlchemy's public name for it
