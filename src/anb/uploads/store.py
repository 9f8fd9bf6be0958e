"""Resumable uploads as rows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Row, delete, func, insert, literal_column, or_, select, update
from sqlalchemy.types import Interval

from anb.db.session import UnitOfWork
from anb.db.tables import uploads
from anb.uploads.domain import State, Turn, Upload

_UP = uploads.c
_IS_OPEN = _UP.state == State.OPEN.value
_NOBODY_WRITES = or_(_UP.lease_expires_at.is_(None), _UP.lease_expires_at <= func.now())
# What the row said before the statement (PostgreSQL 18).
_OLD_LEASE = literal_column("old.lease_expires_at", DateTime(timezone=True)).label("old_lease")
_COLUMNS = (
    _UP.id, _UP.owner_id, _UP.title, _UP.bytes, _UP.received, _UP.part_key, _UP.state, _UP.turn, _UP.lease_expires_at,
    _UP.expires_at, _UP.video_id, _UP.job_id, _UP.refusal, (_UP.expires_at <= func.now()).label("is_over"),
)  # fmt: skip


def _after(seconds: float) -> ColumnElement[Any]:
    return func.now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds, type_=Interval)


def add(uow: UnitOfWork, owner: UUID, title: str, size: int, part_key: str, seconds: float) -> UUID:
    """Add an upload of which nothing has come."""
    new = insert(uploads).values(owner_id=owner, title=title, bytes=size, part_key=part_key, expires_at=_after(seconds))
    upload_id: UUID = uow.execute(new.returning(_UP.id)).scalar_one()
    return upload_id


def get(uow: UnitOfWork, upload_id: UUID) -> Upload | None:
    """Return an upload by id."""
    row = uow.execute(select(*_COLUMNS).where(_UP.id == upload_id)).one_or_none()
    return None if row is None else _upload(row)


def weigh_open(uow: UnitOfWork, owner: UUID) -> tuple[int, int]:
    """Return how many uploads somebody has open, and their bytes once whole."""
    mine = (_UP.owner_id == owner) & _IS_OPEN & (_UP.expires_at > func.now())
    row = uow.execute(select(func.count(), func.coalesce(func.sum(_UP.bytes), 0)).where(mine)).one()
    count, weight = tuple(row)
    return count, int(weight)


def claim(uow: UnitOfWork, upload_id: UUID, owner: UUID, offset: int, lease: float) -> Turn | None:
    """Take the next turn, if the upload is open, has come to this offset, and nobody alive writes to it."""
    wanted = (_UP.id == upload_id) & (_UP.owner_id == owner) & _IS_OPEN & (_UP.received == offset)
    row = uow.execute(
        update(uploads)
        .where(wanted, _NOBODY_WRITES, _UP.expires_at > func.now())
        .values(turn=_UP.turn + 1, lease_expires_at=_after(lease))
        .returning(_UP.turn, _UP.title, _UP.part_key, _UP.bytes, _OLD_LEASE)
    ).one_or_none()
    if row is None:
        return None
    left = row.old_lease is not None
    return Turn(upload_id, row.turn, owner, row.title, row.part_key, offset, row.bytes, was_left=left)


def set_part(uow: UnitOfWork, turn: Turn, part_key: str) -> bool:
    """Say where the bytes lie now; False when the turn is over."""
    return _write(uow, turn, part_key=part_key)


def renew(uow: UnitOfWork, turn: Turn, received: int | None, lease: float | None, seconds: float) -> bool:
    """Say that the writer lives, and what is durable; False when the turn is over."""
    values: dict[str, Any] = {}
    if lease is not None:
        values |= {"lease_expires_at": _after(lease), "expires_at": _after(seconds)}
    if received is not None:
        values["received"] = received
    return _write(uow, turn, **(values or {"turn": _UP.turn}))


def release(uow: UnitOfWork, turn: Turn, received: int | None, seconds: float) -> bool:
    """End a turn; False when it was over already."""
    more = {} if received is None else {"received": received, "expires_at": _after(seconds)}
    return _write(uow, turn, lease_expires_at=None, **more)


def accept(uow: UnitOfWork, turn: Turn, video_id: UUID, job_id: UUID) -> bool:
    """Say what the upload became; False when the turn is over."""
    return _write(uow, turn, state=State.ACCEPTED.value, lease_expires_at=None, video_id=video_id, job_id=job_id)


def refuse(uow: UnitOfWork, turn: Turn, refusal: dict[str, Any]) -> bool:
    """Say why the clip was refused; False when the turn is over."""
    return _write(uow, turn, state=State.REFUSED.value, lease_expires_at=None, refusal=refusal)


def remove(uow: UnitOfWork, upload_id: UUID) -> None:
    """Remove an upload; whoever writes to it finds the turn over."""
    uow.execute(delete(uploads).where(_UP.id == upload_id))


def remove_expired(uow: UnitOfWork, limit: int) -> list[Upload]:
    """Remove uploads whose time is over and that nobody writes to, and return them."""
    over = (
        select(_UP.id)
        .where(_UP.expires_at <= func.now(), _NOBODY_WRITES)
        .order_by(_UP.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = uow.execute(delete(uploads).where(_UP.id.in_(over)).returning(*_COLUMNS))
    return [_upload(row) for row in rows]


def list_left(uow: UnitOfWork, limit: int) -> list[Upload]:
    """Return uploads that came whole and whose judge has died."""
    left = _IS_OPEN & (_UP.received == _UP.bytes) & (_UP.expires_at > func.now()) & _NOBODY_WRITES
    return [_upload(row) for row in uow.execute(select(*_COLUMNS).where(left).order_by(_UP.id).limit(limit))]


def list_open(uow: UnitOfWork, limit: int) -> Sequence[Upload]:
    """Return the uploads that are open, newest first."""
    return [_upload(row) for row in uow.execute(select(*_COLUMNS).where(_IS_OPEN).order_by(_UP.id.desc()).limit(limit))]


def _write(uow: UnitOfWork, turn: Turn, **values: Any) -> bool:  # noqa: ANN401 - columns
    mine = (_UP.id == turn.upload_id) & (_UP.turn == turn.number) & _IS_OPEN
    return uow.execute(update(uploads).where(mine).values(**values)).rowcount == 1


def _upload(row: Row[Any]) -> Upload:
    return Upload(**{**row._mapping, "state": State(row.state)})  # noqa: SLF001 - SQLAlchemy's public name for it
