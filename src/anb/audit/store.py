"""The audit trail as rows: appended at its head, read in order."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, insert, select, update

from anb.audit.domain import START, AuditedAct, AuditEntry, AuditFilter, ChainHead, Commitment
from anb.db.paging import Listed, Page, count_of, cut
from anb.db.session import UnitOfWork
from anb.db.tables_audit import audit_entries

# The advisory lock of the head: one transaction at a time appends.
HEAD_LOCK = 0x414E4241
READ_ROWS = 1000
_WHAT = ("actor_role", "actor_id", "act", "target_kind", "target_id", "target_account_id", "details")
_ERASED = {"salt": None, "name": None, "reason": None}


def take_head(uow: UnitOfWork) -> tuple[ChainHead, datetime]:
    """Lock the head until this transaction ends; return it, and the time by the database's clock."""
    uow.execute(select(func.pg_advisory_xact_lock(HEAD_LOCK)))
    # A statement of its own: the snapshot of the one before may be older than the lock.
    last = select(audit_entries.c.number, audit_entries.c.hash).order_by(audit_entries.c.number.desc()).limit(1)
    row = uow.execute(last).one_or_none()
    now: datetime = uow.execute(select(func.clock_timestamp())).scalar_one()
    return (START if row is None else ChainHead(row.number, bytes(row.hash))), now


def add(uow: UnitOfWork, entry: AuditEntry) -> None:
    """Append an entry; the caller has locked the head."""
    uow.execute(
        insert(audit_entries).values(
            number=entry.number,
            at=entry.at,
            **asdict(entry.what),
            commitment=entry.commitment.digest,
            salt=entry.commitment.salt,
            name=entry.name,
            reason=entry.reason,
            hash=entry.hash,
        )
    )


def list_page(uow: UnitOfWork, wanted: AuditFilter, page: Page) -> Listed[AuditEntry]:
    """Return entries, newest first."""
    rules = _rules(wanted)
    query = select(audit_entries).where(*rules).order_by(audit_entries.c.number.desc())
    after = page.key(count_of)
    if after is not None:
        query = query.where(audit_entries.c.number < after[0])
    rows = [_entry(row) for row in uow.execute(query.offset(page.skip).limit(page.limit + 1))]
    count = select(func.count()).select_from(audit_entries).where(*rules)
    total = uow.totals.of(("audit", wanted), lambda: uow.execute(count).scalar_one())
    return cut(rows, total, page, lambda entry: (entry.number,))


def each_entry(uow: UnitOfWork) -> Iterator[AuditEntry]:
    """Yield every entry in order, read in batches."""
    last = 0
    while True:
        later = select(audit_entries).where(audit_entries.c.number > last).order_by(audit_entries.c.number)
        rows = uow.execute(later.limit(READ_ROWS)).all()
        yield from map(_entry, rows)
        if len(rows) < READ_ROWS:
            return
        last = rows[-1].number


def list_concerning(uow: UnitOfWork, account_id: UUID) -> list[AuditEntry]:
    """Return the acts of an account, and those on what is its, oldest first."""
    rows = select(audit_entries).where(_theirs(account_id)).order_by(audit_entries.c.number)
    return [_entry(row) for row in uow.execute(rows)]


def _theirs(account_id: UUID) -> ColumnElement[bool]:
    return (audit_entries.c.actor_id == account_id) | (audit_entries.c.target_account_id == account_id)


def forget(uow: UnitOfWork, account_id: UUID) -> int:
    """Erase names and reasons of the acts of an account, and of those on what is its; return of how many."""
    return uow.execute(update(audit_entries).where(_theirs(account_id), _SAID).values(_ERASED)).rowcount


def forget_before(uow: UnitOfWork, before: datetime) -> int:
    """Erase names and reasons that are older than a moment; return of how many acts."""
    return uow.execute(update(audit_entries).where(audit_entries.c.at < before, _SAID).values(_ERASED)).rowcount


_SAID = audit_entries.c.salt.is_not(None)


def _rules(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    rules = {
        "act": wanted.act,
        "actor_id": wanted.actor_id,
        "target_kind": wanted.target_kind,
        "target_id": wanted.target_id,
        "target_account_id": wanted.account_id,
    }
    since = [] if wanted.since is None else [audit_entries.c.at >= wanted.since]
    since += [] if wanted.acts is None else [audit_entries.c.act.in_(sorted(wanted.acts))]
    return [*(audit_entries.c[name] == value for name, value in rules.items() if value is not None), *since]


def _entry(row: Row[Any]) -> AuditEntry:
    what = AuditedAct(**{name: row._mapping[name] for name in _WHAT})  # noqa: SLF001 - SQLAlchemy's public name for it
    salt = None if row.salt is None else bytes(row.salt)
    commitment = Commitment(bytes(row.commitment), salt)
    return AuditEntry(row.number, row.at, what, commitment, row.name, row.reason, bytes(row.hash))
