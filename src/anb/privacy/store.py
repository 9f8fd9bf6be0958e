"""Requests to erase accounts, and runs of retention, as rows."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from anb.db.session import UnitOfWork
from anb.db.tables_privacy import erasures, exports, retention_runs
from anb.privacy.domain import LATE_START, WARNED_BEFORE, Erasure, ErasureFigures, Export

_OPEN = erasures.c.cancelled_at.is_(None) & erasures.c.finished_at.is_(None)
# A run of retention that has not ended after this time has died.
RUN_HOURS = 2


def add_erasure(
    uow: UnitOfWork, account_id: UUID, by: str, mark: str, times: tuple[datetime, datetime, datetime]
) -> Erasure | None:
    """Add a request with the times at which it was asked, starts and is due; None if one is open."""
    asked_at, starts_at, due_at = times
    row = uow.execute(
        insert(erasures)
        .values(account_id=account_id, asked_by=by, mark=mark, asked_at=asked_at, starts_at=starts_at, due_at=due_at)
        .on_conflict_do_nothing()
        .returning(*erasures.c)
    ).one_or_none()
    return None if row is None else _erasure(row)


def open_erasure(uow: UnitOfWork, account_id: UUID) -> Erasure | None:
    """Return the open request of an account."""
    row = uow.execute(select(erasures).where(erasures.c.account_id == account_id, _OPEN)).one_or_none()
    return None if row is None else _erasure(row)


def take_erasure(uow: UnitOfWork, erasure_id: UUID) -> Erasure | None:
    """Lock an open request until this transaction ends; None when it has ended, or another process works on it."""
    wanted = select(erasures).where(erasures.c.id == erasure_id, _OPEN)
    row = uow.execute(wanted.with_for_update(skip_locked=True)).one_or_none()
    return None if row is None else _erasure(row)


def list_erasures(uow: UnitOfWork, limit: int, *, only_open: bool = False) -> list[Erasure]:
    """Return requests, newest first."""
    query = select(erasures).order_by(erasures.c.asked_at.desc(), erasures.c.id.desc()).limit(limit)
    return [_erasure(row) for row in uow.execute(query.where(_OPEN) if only_open else query)]


def overdue_erasures(uow: UnitOfWork, now: datetime, limit: int) -> list[Erasure]:
    """Return open requests that should have ended by now, oldest first."""
    late = select(erasures).where(_OPEN, erasures.c.due_at < now).order_by(erasures.c.due_at).limit(limit)
    return [_erasure(row) for row in uow.execute(late)]


def erasure_figures(uow: UnitOfWork, now: datetime) -> ErasureFigures:
    """Return figures about the open requests, and read no other row."""
    late = (erasures.c.starts_at < now - LATE_START, erasures.c.due_at < now + WARNED_BEFORE, erasures.c.due_at < now)
    query = select(*(func.count().filter(each) for each in late)).where(_OPEN)
    return ErasureFigures._make(uow.execute(query).one())


def due_erasures(uow: UnitOfWork, now: datetime, limit: int) -> list[UUID]:
    """Return open requests whose grace period is over, oldest first."""
    query = select(erasures.c.id).where(_OPEN, erasures.c.starts_at <= now).order_by(erasures.c.asked_at).limit(limit)
    return list(uow.execute(query).scalars())


def note_step(uow: UnitOfWork, erasure: Erasure, step: str, removed: dict[str, int]) -> None:
    """Note that a step is done, and what it removed. The mark is not needed after the first one."""
    uow.execute(
        update(erasures)
        .where(erasures.c.id == erasure.id)
        .values(steps=[*erasure.steps, step], removed={**erasure.removed, **removed}, mark=None)
    )


def end_erasure(uow: UnitOfWork, erasure_id: UUID, *, cancelled: bool) -> None:
    """End a request."""
    ended = "cancelled_at" if cancelled else "finished_at"
    uow.execute(update(erasures).where(erasures.c.id == erasure_id).values({ended: func.now(), "mark": None}))


def purge_proofs(uow: UnitOfWork, before: datetime) -> int:
    """Delete requests that ended, and runs that began, before a moment; return how many."""
    ended = func.coalesce(erasures.c.cancelled_at, erasures.c.finished_at)
    old = (delete(erasures).where(ended < before), delete(retention_runs).where(retention_runs.c.began_at < before))
    return sum(uow.execute(each).rowcount for each in old)


def begin_run(uow: UnitOfWork, day: date) -> bool:
    """Begin a day's run of retention; False when another process runs it, or it has ended."""
    died = func.now() - timedelta(hours=RUN_HOURS)
    begun = (
        insert(retention_runs)
        .values(day=day)
        .on_conflict_do_update(
            index_elements=["day"],
            set_={"began_at": func.now()},
            where=retention_runs.c.finished_at.is_(None) & (retention_runs.c.began_at < died),
        )
        .returning(retention_runs.c.day)
    )
    return uow.execute(begun).first() is not None


def end_run(uow: UnitOfWork, day: date, removed: dict[str, int]) -> None:
    """End a day's run, with what it removed."""
    ended = update(retention_runs).where(retention_runs.c.day == day)
    uow.execute(ended.values(finished_at=func.now(), removed=removed))


def last_run(uow: UnitOfWork) -> datetime | None:
    """Return when the newest run that ended has ended."""
    ended = select(retention_runs.c.finished_at).where(retention_runs.c.finished_at.is_not(None))
    return uow.execute(ended.order_by(retention_runs.c.day.desc()).limit(1)).scalar_one_or_none()


def _erasure(row: Row[Any]) -> Erasure:
    return Erasure(**{**row._mapping, "steps": tuple(row.steps)})  # noqa: SLF001 - SQLAlchemy's public name for it


def add_export(uow: UnitOfWork, account_id: UUID) -> Export | None:
    """Ask for an archive; None if one is asked for, or ready."""
    asked = insert(exports).values(account_id=account_id).on_conflict_do_nothing().returning(*exports.c)
    row = uow.execute(asked).one_or_none()
    return None if row is None else _export(row)


def find_export(uow: UnitOfWork, account_id: UUID) -> Export | None:
    """Return the archive of an account, if it is asked for, or ready and not expired."""
    kept = exports.c.expires_at.is_(None) | (exports.c.expires_at > func.now())
    row = uow.execute(select(exports).where(exports.c.account_id == account_id, kept)).one_or_none()
    return None if row is None else _export(row)


def begin_export(uow: UnitOfWork) -> Export | None:
    """Take the archive that was asked for first and that no live process makes."""
    died = func.now() - timedelta(hours=RUN_HOURS)
    free = exports.c.ready_at.is_(None) & (exports.c.began_at.is_(None) | (exports.c.began_at < died))
    first = select(exports.c.id).where(free).order_by(exports.c.asked_at).limit(1).with_for_update(skip_locked=True)
    begun = update(exports).where(exports.c.id == first.scalar_subquery()).values(began_at=func.clock_timestamp())
    row = uow.execute(begun.returning(*exports.c)).one_or_none()
    return None if row is None else _export(row)


def finish_export(uow: UnitOfWork, begun: Export, key: str, size: int, days: int) -> bool:
    """Note that an archive is ready; False when another process makes it by now, or it is not wanted any more."""
    mine = (exports.c.id == begun.id) & (exports.c.began_at == begun.began_at) & exports.c.ready_at.is_(None)
    ready = {"ready_at": func.now(), "expires_at": func.now() + timedelta(days=days), "key": key, "bytes": size}
    return uow.execute(update(exports).where(mine).values(**ready)).rowcount == 1


def remove_exports(uow: UnitOfWork, account_id: UUID | None) -> list[tuple[UUID, str | None]]:
    """Remove the archives of an account, or with None those that expired; return their accounts and files."""
    which = exports.c.expires_at <= func.now() if account_id is None else exports.c.account_id == account_id
    rows = uow.execute(delete(exports).where(which).returning(exports.c.account_id, exports.c.key))
    return [(row.account_id, row.key) for row in rows]


def _export(row: Row[Any]) -> Export:
    return Export(**row._mapping)  # noqa: SLF001
