"""The rows of resumable uploads."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, DateTime, Row, delete, func, insert, literal_column, or_, select, update
from sqlalchemy.types import Interval

from anb.db.session import UnitOfWork
from anb.db.tables import uploads
from anb.resumable.domain import State, Upload, Wanted, WriteLock

# By column, not by keyword: a column may have the name of an argument (`turn`).
Columns = dict[Column[Any], object]

_UP = uploads.c
_IS_OPEN = _UP.state == State.OPEN.value
_NOBODY_WRITES = or_(_UP.lease_expires_at.is_(None), _UP.lease_expires_at <= func.now())
# The row's value before the statement (PostgreSQL 18).
_OLD_LEASE = literal_column("old.lease_expires_at", DateTime(timezone=True)).label("old_lease")
_COLUMNS = (
    _UP.id, _UP.owner_id, _UP.title, _UP.metadata, _UP.bytes, _UP.received, _UP.part_key, _UP.state, _UP.turn,
    _UP.lease_expires_at, _UP.expires_at, _UP.video_id, _UP.job_id, _UP.refusal, _UP.start_seconds,
    (_UP.expires_at <= func.now()).label("is_over"), (~_NOBODY_WRITES).label("is_written"),
)  # fmt: skip


def _after(seconds: float) -> ColumnElement[Any]:
    return func.now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds, type_=Interval)


def add(uow: UnitOfWork, wanted: Wanted, part_key: str, seconds: float) -> UUID:
    """Add an upload without bytes."""
    new = insert(uploads).values(
        owner_id=wanted.owner_id,
        title=wanted.title,
        metadata=wanted.metadata,
        origin=wanted.origin,
        start_seconds=wanted.start_seconds,
        bytes=wanted.bytes,
        part_key=part_key,
        expires_at=_after(seconds),
    )
    upload_id: UUID = uow.execute(new.returning(_UP.id)).scalar_one()
    return upload_id


def get(uow: UnitOfWork, upload_id: UUID) -> Upload | None:
    """Return an upload by id."""
    row = uow.execute(select(*_COLUMNS).where(_UP.id == upload_id)).one_or_none()
    return None if row is None else _upload(row)


def weigh_open(uow: UnitOfWork, owner: UUID) -> tuple[int, int]:
    """Return how many uploads an account has open, and their bytes once complete."""
    mine = (_UP.owner_id == owner) & _IS_OPEN & (_UP.expires_at > func.now())
    row = uow.execute(select(func.count(), func.coalesce(func.sum(_UP.bytes), 0)).where(mine)).one()
    count, weight = tuple(row)
    return count, int(weight)


def claim(uow: UnitOfWork, upload_id: UUID, owner: UUID, offset: int, lease: float) -> WriteLock | None:
    """Take the write lock if the upload is open, has this many bytes, and has no live writer."""
    wanted = (_UP.id == upload_id) & (_UP.owner_id == owner) & _IS_OPEN & (_UP.received == offset)
    row = uow.execute(
        update(uploads)
        .where(wanted, _NOBODY_WRITES, _UP.expires_at > func.now())
        .values(turn=_UP.turn + 1, lease_expires_at=_after(lease))
        .returning(_UP.turn, _UP.title, _UP.part_key, _UP.bytes, _UP.origin, _UP.start_seconds, _OLD_LEASE)
    ).one_or_none()
    if row is None:
        return None
    mine = (upload_id, row.turn, owner, row.title, row.part_key, offset, row.bytes, row.origin, row.start_seconds)
    return WriteLock(*mine, was_left=row.old_lease is not None)


def set_part(uow: UnitOfWork, lock: WriteLock, part_key: str) -> bool:
    """Store the key of the partial file; False if the lock was lost."""
    return _write(uow, lock, {_UP.part_key: part_key})


def renew(uow: UnitOfWork, lock: WriteLock, received: int | None, lease: float | None, seconds: float) -> bool:
    """Extend the lease, and store how many bytes are durable; False if the lock was lost."""
    values: Columns = {}
    if lease is not None:
        values |= {_UP.lease_expires_at: _after(lease), _UP.expires_at: _after(seconds)}
    if received is not None:
        values[_UP.received] = received
    return _write(uow, lock, values or {_UP.turn: lock.number})


def release(uow: UnitOfWork, lock: WriteLock, received: int | None, seconds: float) -> bool:
    """Release a write lock; False if it was lost."""
    more: Columns = {} if received is None else {_UP.received: received, _UP.expires_at: _after(seconds)}
    return _write(uow, lock, {_UP.lease_expires_at: None, **more})


def accept(uow: UnitOfWork, lock: WriteLock, video_id: UUID, job_id: UUID) -> bool:
    """Store what the upload became; False if the lock was lost."""
    made: Columns = {_UP.video_id: video_id, _UP.job_id: job_id}
    return _write(uow, lock, {_UP.state: State.ACCEPTED.value, _UP.lease_expires_at: None, _UP.origin: None, **made})


def refuse(uow: UnitOfWork, lock: WriteLock, refusal: dict[str, Any]) -> bool:
    """Store why the clip was refused; False if the lock was lost."""
    refused: Columns = {_UP.state: State.REFUSED.value, _UP.refusal: refusal}
    return _write(uow, lock, {_UP.lease_expires_at: None, _UP.origin: None, **refused})


def remove(uow: UnitOfWork, upload_id: UUID) -> None:
    """Remove an upload; a request that writes to it loses its lock."""
    uow.execute(delete(uploads).where(_UP.id == upload_id))


def remove_open(uow: UnitOfWork) -> None:
    """Remove the open uploads."""
    uow.execute(delete(uploads).where(_IS_OPEN))


def remove_expired(uow: UnitOfWork, limit: int) -> list[Upload]:
    """Remove expired uploads that have no live writer, and return them."""
    over = (
        select(_UP.id)
        .where(_UP.expires_at <= func.now(), _NOBODY_WRITES)
        .order_by(_UP.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte()
        .prefix_with("MATERIALIZED")  # a plan may run a subquery again for each row, and pass the limit
    )
    rows = uow.execute(delete(uploads).where(_UP.id.in_(select(over.c.id))).returning(*_COLUMNS))
    return [_upload(row) for row in rows]


def list_left(uow: UnitOfWork, limit: int) -> list[Upload]:
    """Return complete uploads whose judging process died."""
    left = _IS_OPEN & (_UP.received == _UP.bytes) & (_UP.expires_at > func.now()) & _NOBODY_WRITES
    return [_upload(row) for row in uow.execute(select(*_COLUMNS).where(left).order_by(_UP.id).limit(limit))]


def list_open(uow: UnitOfWork, limit: int) -> Sequence[Upload]:
    """Return the open uploads, newest first."""
    return [_upload(row) for row in uow.execute(select(*_COLUMNS).where(_IS_OPEN).order_by(_UP.id.desc()).limit(limit))]


def list_of(uow: UnitOfWork, owner: UUID) -> list[Upload]:
    """Return a person's uploads that are kept, oldest first."""
    return [_upload(row) for row in uow.execute(select(*_COLUMNS).where(_UP.owner_id == owner).order_by(_UP.id))]


def _write(uow: UnitOfWork, lock: WriteLock, values: Columns) -> bool:
    mine = (_UP.id == lock.upload_id) & (_UP.turn == lock.number) & _IS_OPEN
    return uow.execute(update(uploads).where(mine).values(values)).rowcount == 1


def _upload(row: Row[Any]) -> Upload:
    return Upload(**{**row._mapping, "state": State(row.state)})  # noqa: SLF001 - SQLAlchemy's public name for it


def forget(uow: UnitOfWork, video_id: UUID) -> None:
    """Take the video from its upload."""
    uow.execute(update(uploads).where(uploads.c.video_id == video_id).values(video_id=None))


def remove_of(uow: UnitOfWork, owner: UUID) -> list[str]:
    """Remove a person's uploads, and return the keys of their partial files."""
    return list(uow.execute(delete(uploads).where(_UP.owner_id == owner).returning(_UP.part_key)).scalars())


def forget_origins(uow: UnitOfWork, before: datetime) -> int:
    """Forget the networks of uploads begun before a moment; return of how many."""
    old = (_UP.origin.is_not(None)) & (_UP.created_at < before)
    return uow.execute(update(uploads).where(old).values(origin=None)).rowcount
