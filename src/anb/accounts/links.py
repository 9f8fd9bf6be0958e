"""Links that work once: a random secret in a mail, its hash in a row, a purpose, and an end.

Opening a link changes nothing, because mail scanners open the links they find; only a form's POST uses it.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Row, func, insert, literal, literal_column, select, update

from anb.db.session import UnitOfWork
from anb.db.tables_accounts import links
from anb.errors import Refusal

# A literal, so that every plan can use the partial index.
_EMAIL = links.c.facts.op("->>")(literal_column("'email'"))
SECRET_BYTES = 32  # 256 random bits cannot be guessed, so a plain SHA-256 is enough at rest


class Purpose(StrEnum):
    """What a link is for; it works for nothing else."""

    CONFIRM = "confirm"  # an address belongs to an account
    RESET = "reset"  # a new password
    EMAIL_OLD = "email_old"  # the former address approves, stops or takes back a change of address
    EMAIL_NEW = "email_new"  # the new address accepts it
    GUARDIAN = "guardian"  # a guardian authorises a minor's account
    GUARDIAN_END = "guardian_end"  # a guardian takes the authorisation back
    INVITE = "invite"  # an operator invites a person


@dataclass(frozen=True)
class Link:
    """A link, without its secret."""

    purpose: Purpose
    account_id: UUID | None
    facts: Mapping[str, Any]
    created_at: datetime


class LinkInvalid(Refusal):
    """No such link was made for this purpose, or what it was made for has changed since."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "link-invalid"


class LinkExpired(Refusal):
    """The link is too old."""

    status: ClassVar[int] = 410
    code: ClassVar[str] = "link-expired"


class LinkUsed(Refusal):
    """The link was used, or a later one replaced it."""

    status: ClassVar[int] = 410
    code: ClassVar[str] = "link-used"


def make(
    uow: UnitOfWork, purpose: Purpose, account_id: UUID | None, facts: Mapping[str, str | int], seconds: float
) -> str:
    """Make a link for some seconds and return its secret, which is kept nowhere."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    uow.execute(
        insert(links).values(
            token_hash=_hash(secret),
            purpose=purpose.value,
            account_id=account_id,
            facts=dict(facts),
            expires_at=func.now() + timedelta(seconds=seconds),
        )
    )
    return secret


def open(uow: UnitOfWork, purpose: Purpose, token: str) -> Link:  # noqa: A001 - links.open: the module is its namespace
    """Read a link that can still be used. Raises LinkInvalid, LinkExpired, LinkUsed."""
    row = uow.execute(
        select(links, (links.c.expires_at <= func.now()).label("is_over")).where(
            links.c.token_hash == _hash(token), links.c.purpose == purpose.value
        )
    ).one_or_none()
    if row is None:
        raise LinkInvalid
    if row.used_at is not None:
        raise LinkUsed
    if row.is_over:
        raise LinkExpired
    return _link(row)


def use(uow: UnitOfWork, purpose: Purpose, token: str) -> Link:
    """Use a link up, in one statement: of any number of simultaneous uses, one succeeds.

    Raises LinkInvalid, LinkExpired, LinkUsed.
    """
    row = uow.execute(
        update(links)
        .where(
            links.c.token_hash == _hash(token),
            links.c.purpose == purpose.value,
            links.c.used_at.is_(None),
            links.c.expires_at > func.now(),
        )
        .values(used_at=func.now())
        .returning(links)
    ).one_or_none()
    return open(uow, purpose, token) if row is None else _link(row)


def void(uow: UnitOfWork, account_id: UUID, *purposes: Purpose, since: datetime | None = None) -> None:
    """End the unused links of an account for these purposes, made `since` a moment, as if they had been used."""
    ended = update(links).where(
        links.c.account_id == account_id,
        links.c.purpose.in_([each.value for each in purposes]),
        links.c.used_at.is_(None),
    )
    uow.execute((ended if since is None else ended.where(links.c.created_at >= since)).values(used_at=func.now()))


def keeps_address(uow: UnitOfWork, email: str, but: UUID | None = None) -> bool:
    """Say whether an account, other than `but`, had this address and may still take it back (EMAIL_OLD)."""
    held = select(links.c.token_hash).where(
        literal(email) == _EMAIL,
        links.c.purpose == Purpose.EMAIL_OLD.value,
        links.c.used_at.is_(None),
        links.c.expires_at > func.now(),
        links.c.account_id.is_distinct_from(but),
    )
    return uow.execute(held).first() is not None


def name_of(token: str) -> str:
    """Name a link for a trail: who reads the name cannot use the link."""
    return _hash(token)[:16]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _link(row: Row[Any]) -> Link:
    return Link(Purpose(row.purpose), row.account_id, row.facts, row.created_at)
