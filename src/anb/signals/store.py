"""Signals as rows."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from anb.db.session import UnitOfWork
from anb.db.tables_fraud import mailboxes, signals
from anb.signals.domain import OwnSignal, SignalKind, Trace

# In each vote: as text, because SQLAlchemy compiles an insert with ON CONFLICT anew each time, which takes longer than
# running it. A row is written again after an hour; until then a vote after a vote only reads it.
_NOTE = text("""
insert into signals (account_id, act, device, block) values (:account_id, :act, :device, :block)
on conflict (account_id, act, device, block) do update set last_seen = now()
where signals.last_seen < now() - interval '1 hour'
""")


def note(uow: UnitOfWork, account_id: UUID, act: SignalKind, trace: Trace) -> None:
    """Note that an act came from a device and network, in one statement."""
    where = {"device": trace.device or "", "block": trace.block or ""}
    uow.execute(_NOTE, {"account_id": account_id, "act": act.value, **where})


def note_mailbox(uow: UnitOfWork, account_id: UUID, mark: str) -> None:
    """Note the mailbox of an account's e-mail address."""
    known = insert(mailboxes).values(account_id=account_id, mark=mark)
    uow.execute(
        known.on_conflict_do_update(
            index_elements=["account_id"],
            set_={"mark": mark, "noted_at": func.now()},
            where=mailboxes.c.mark != mark,
        )
    )


def list_of(uow: UnitOfWork, account_id: UUID) -> list[OwnSignal]:
    """Return an account's signals, oldest first."""
    rows = uow.execute(select(signals).where(signals.c.account_id == account_id).order_by(signals.c.first_seen))
    return [
        OwnSignal(SignalKind(row.act), row.device != "", row.block != "", row.first_seen, row.last_seen) for row in rows
    ]


def mailbox_since(uow: UnitOfWork, account_id: UUID) -> datetime | None:
    """Return since when the mark of an account's mailbox is kept; None if there is none."""
    return uow.execute(select(mailboxes.c.noted_at).where(mailboxes.c.account_id == account_id)).scalar_one_or_none()


def mailboxes_of(uow: UnitOfWork, accounts: Collection[UUID]) -> dict[UUID, str]:
    """Return the marks of the mailboxes of accounts."""
    rows = uow.execute(select(mailboxes).where(mailboxes.c.account_id.in_(accounts)))
    return {row.account_id: row.mark for row in rows}


def erase(uow: UnitOfWork, account_id: UUID) -> int:
    """Delete an account's signals and the mark of its mailbox; return how many."""
    gone = [uow.execute(delete(table).where(table.c.account_id == account_id)) for table in (signals, mailboxes)]
    return sum(each.rowcount for each in gone)


def purge(uow: UnitOfWork, before: datetime) -> int:
    """Delete the signals that did not come again since a moment; return how many."""
    return uow.execute(delete(signals).where(signals.c.last_seen < before)).rowcount
