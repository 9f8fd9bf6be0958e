"""Sessions as rows. The database's clock decides what has expired, so that all servers agree.

A process keeps what it read of a session for a second (anb.db.recent). So each change of a row here also makes this
process forget what it read; other processes read the row again a second later.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, delete, false, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningUpdate

from anb.db.session import UnitOfWork
from anb.db.tables_accounts import users
from anb.db.tables_sessions import sessions
from anb.ports import Lifetimes
from anb.sessions.domain import (
    EndReason,
    Rotation,
    Session,
    SessionClient,
    SessionKind,
    TokenFloor,
    family_of,
    hash_of,
)

_COLUMNS = (
    sessions.c.id,
    sessions.c.account_id,
    sessions.c.kind,
    sessions.c.device,
    sessions.c.strong,
    sessions.c.opened_at,
    sessions.c.authenticated_at,
    sessions.c.seen_at,
    sessions.c.expires_at,
)
# In the same read as the session of a cookie, so that no page needs a query for it.
_IS_CONFIRMED = (
    select(users.c.email_confirmed_at.is_not(None))
    .where(users.c.id == sessions.c.account_id)
    .scalar_subquery()
    .label("confirmed")
)
_IS_OPEN: tuple[ColumnElement[bool], ...] = (sessions.c.state == "open", sessions.c.expires_at > func.now())
# Each request asks one of these: to write the statement anew each time took longer than PostgreSQL's answer.
_BY_ID = select(*_COLUMNS).where(*_IS_OPEN, sessions.c.id == bindparam("sought"))
_BY_COOKIE = select(*_COLUMNS, _IS_CONFIRMED).where(
    *_IS_OPEN, sessions.c.secret_hash == bindparam("sought"), sessions.c.kind == SessionKind.BROWSER.value
)
_FLOOR = select(users.c.tokens_valid_from).where(users.c.id == bindparam("sought"), users.c.erased_at.is_(None))


def add(
    uow: UnitOfWork, account_id: UUID, client: SessionClient, secret: str, lifetimes: Lifetimes, *, strong: bool
) -> UUID:
    """Add an open session."""
    is_program = client.kind is SessionKind.PROGRAM
    made = uow.execute(
        insert(sessions)
        .values(
            account_id=account_id,
            kind=client.kind.value,
            secret_hash=hash_of(secret),
            family_hash=hash_of(family_of(secret)) if is_program else None,
            device=client.device,
            block=client.block,
            strong=strong,
            expires_at=func.now() + min(lifetimes.idle, lifetimes.most),
            last_expires_at=func.now() + lifetimes.most,
        )
        .returning(sessions.c.id)
    )
    session_id: UUID = made.scalar_one()
    return session_id


def find(uow: UnitOfWork, session_id: UUID) -> Session | None:
    """Return an open session by id."""
    row = uow.execute(_BY_ID, {"sought": session_id}).one_or_none()
    return None if row is None else _session(row)


def find_by_cookie(uow: UnitOfWork, secret: str) -> Session | None:
    """Return an open session of a browser by its secret."""
    row = uow.execute(_BY_COOKIE, {"sought": hash_of(secret)}).one_or_none()
    return None if row is None else replace(_session(row), confirmed=bool(row.confirmed))


def list_open(uow: UnitOfWork, account_id: UUID) -> list[Session]:
    """Return an account's open sessions, last seen first."""
    rows = uow.execute(
        select(*_COLUMNS)
        .where(sessions.c.account_id == account_id, *_IS_OPEN)
        .order_by(sessions.c.seen_at.desc(), sessions.c.id.desc())
    )
    return [_session(row) for row in rows]


def end_one(uow: UnitOfWork, session_id: UUID, reason: EndReason) -> UUID | None:
    """End a session; return whose it was, or None when it was not open."""
    return next(iter(_end(uow, reason, sessions.c.id == session_id)), None)


def end_of_account(uow: UnitOfWork, account_id: UUID, reason: EndReason, but: UUID | None) -> int:
    """End an account's sessions, except one; return how many were open."""
    others = () if but is None else (sessions.c.id != but,)
    return len(_end(uow, reason, sessions.c.account_id == account_id, *others))


def set_strong(uow: UnitOfWork, session_id: UUID) -> None:
    """Note that a second factor was used in an open session."""
    _change(uow, session_id, strong=True)


def set_authenticated(uow: UnitOfWork, session_id: UUID) -> None:
    """Note that the password was given now in an open session."""
    _change(uow, session_id, authenticated_at=func.now())


def renew(uow: UnitOfWork, session_id: UUID, idle: timedelta) -> Session | None:
    """Note that a session was used, and let it live on from now; None when it was not open."""
    row = uow.execute(_renewal(session_id, idle, {})).one_or_none()
    _forget(uow, lambda known: known.session_id == session_id)
    return None if row is None else _session(row)


def lock_family(uow: UnitOfWork, refresh_token: str, grace: timedelta) -> Rotation | None:
    """Return the open session of a refresh token, old or new, and hold it until this transaction ends."""
    rotated_lately = func.coalesce(sessions.c.rotated_at > func.now() - grace, false())
    row = uow.execute(
        select(*_COLUMNS, sessions.c.secret_hash, rotated_lately.label("rotated_lately"))
        .where(sessions.c.family_hash == hash_of(family_of(refresh_token)), *_IS_OPEN)
        .with_for_update()
    ).one_or_none()
    return None if row is None else Rotation(_session(row), row.secret_hash, row.rotated_lately)


def rotate(uow: UnitOfWork, session_id: UUID, secret: str, idle: timedelta) -> Session:
    """Give a session that is held another refresh token, and let it live on from now."""
    more = {"secret_hash": hash_of(secret), "rotated_at": func.now()}
    _forget(uow, lambda known: known.session_id == session_id)
    return _session(uow.execute(_renewal(session_id, idle, more)).one())


def end_surplus(uow: UnitOfWork, account_id: UUID, most: int, access: timedelta) -> None:
    """End an account's least recently used sessions of programs, except those whose access token may be in use."""
    used_at = func.coalesce(sessions.c.rotated_at, sessions.c.opened_at)
    programs = (sessions.c.account_id == account_id, sessions.c.kind == SessionKind.PROGRAM.value)
    newest = select(sessions.c.id).where(*programs, *_IS_OPEN).order_by(used_at.desc(), sessions.c.id.desc())
    _end(uow, EndReason.SURPLUS, *programs, used_at < func.now() - access, sessions.c.id.not_in(newest.limit(most)))


def purge(uow: UnitOfWork, before: datetime) -> int:
    """Delete the sessions that ended or expired before a moment; return how many."""
    ended = (sessions.c.state == "ended", sessions.c.ended_at < before)
    expired = (sessions.c.state == "open", sessions.c.expires_at < before)
    done = [uow.execute(delete(sessions).where(*which)) for which in (ended, expired)]
    return sum(each.rowcount for each in done)


def refuse_tokens(uow: UnitOfWork, account_id: UUID) -> None:
    """Refuse from now on what was issued to an account before there were sessions."""
    uow.execute(update(users).where(users.c.id == account_id).values(tokens_valid_from=func.now()))
    forget_account(uow, account_id)


def token_floor(uow: UnitOfWork, account_id: UUID) -> TokenFloor | None:
    """Return from when on an account's tokens without a session are accepted; None when it is erased or unknown."""
    row = uow.execute(_FLOOR, {"sought": account_id}).one_or_none()
    return None if row is None else TokenFloor(account_id, row.tokens_valid_from)


def forget_account(uow: UnitOfWork, account_id: UUID) -> None:
    """Make this process read an account's sessions again once this transaction is committed."""
    _forget(uow, lambda known: known.account_id == account_id)


def _end(uow: UnitOfWork, reason: EndReason, *which: ColumnElement[bool]) -> Sequence[UUID]:
    """End the open ones of these sessions; return the account of each."""
    changed = update(sessions).where(*_IS_OPEN, *which)
    ending = changed.values(state="ended", reason=reason.value, ended_at=func.now())
    ended = uow.execute(ending.returning(sessions.c.id, sessions.c.account_id)).all()
    ids = {row.id for row in ended}
    _forget(uow, lambda known: known.session_id in ids)
    return [row.account_id for row in ended]


def _renewal(session_id: UUID, idle: timedelta, more: dict[str, Any]) -> ReturningUpdate[Any]:
    expires_at = func.least(func.now() + idle, sessions.c.last_expires_at)
    changed = update(sessions).where(*_IS_OPEN, sessions.c.id == session_id)
    return changed.values(seen_at=func.now(), expires_at=expires_at, **more).returning(*_COLUMNS)


def _change(uow: UnitOfWork, session_id: UUID, **values: object) -> None:
    uow.execute(update(sessions).where(*_IS_OPEN, sessions.c.id == session_id).values(**values))
    _forget(uow, lambda known: known.session_id == session_id)


def _forget(uow: UnitOfWork, is_meant: Callable[[Session | TokenFloor], bool]) -> None:
    """Drop what this process read of sessions in the last second, once this transaction is committed."""

    def is_unwanted(kept: object) -> bool:
        return isinstance(kept, Session | TokenFloor) and is_meant(kept)

    uow.after_commit(partial(uow.recent.forget, is_unwanted))


def _session(row: Row[Any]) -> Session:
    known = {column.name: getattr(row, column.name) for column in _COLUMNS}
    return Session(**{**known, "kind": SessionKind(row.kind)})
