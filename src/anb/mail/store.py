"""Write and read the outbox. Time is the database's own: the clocks of hosts may differ, leases may not."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Update, case, func, null, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from anb.db.session import UnitOfWork
from anb.db.tables_mail import mail_choices, mails
from anb.mail.domain import (
    RULES,
    STOP,
    HeldMail,
    MailKind,
    MailRecord,
    MailState,
    NewMail,
    Recipient,
)

_KINDS = {kind.value for kind in MailKind}
# A lease outlives the statement's transaction, so the time is the statement's.
NOW = func.statement_timestamp()
_QUEUED, _SENDING, _DEAD, _HELD = (
    each.value for each in (MailState.QUEUED, MailState.SENDING, MailState.DEAD, MailState.HELD)
)
_DUE = (mails.c.state == _QUEUED, mails.c.available_at <= NOW)
_RECORD = (
    mails.c.id,
    mails.c.kind,
    mails.c.state,
    mails.c.account_id,
    mails.c.attempt,
    mails.c.faults,
    mails.c.sender,
    mails.c.failure,
    mails.c.created_at,
    mails.c.available_at,
    mails.c.ended_at,
)
_UNWANTED = (
    select(mail_choices.c.kind)
    .where(mail_choices.c.account_id == mails.c.account_id, mail_choices.c.kind == mails.c.kind)
    .exists()
    .label("unwanted")
)
_FORGOTTEN = {"address": null(), "name": null(), "facts": {}}


def add(uow: UnitOfWork, mail: NewMail, stop: str | None) -> UUID:
    """Write a mail into the outbox, or find the one with the same key `once`; return its id."""
    row = {
        "kind": mail.kind.value,
        "account_id": mail.to.account_id,
        "address": mail.to.address,
        "name": mail.to.name,
        "language": mail.to.language,
        "facts": {**mail.facts, **({STOP: stop} if stop else {})},
        "stop_hash": stop and _hash(stop),
        "once": mail.once,
        "urgent": RULES[mail.kind].necessary,
    }
    written = upsert(mails).values(row).on_conflict_do_nothing(index_elements=[mails.c.once]).returning(mails.c.id)
    known: UUID | None = uow.execute(written).scalar_one_or_none()
    # A statement of its own sees the row that another transaction has committed meanwhile.
    return known or uow.execute(select(mails.c.id).where(mails.c.once == mail.once)).scalar_one()


def claim(uow: UnitOfWork, sender: str, lease: float) -> HeldMail | None:
    """Claim the mail that comes next: those that a person waits for go first."""
    due = select(mails.c.id).where(*_DUE).order_by(mails.c.urgent.desc(), mails.c.available_at, mails.c.id)
    claimed = (
        update(mails)
        .where(mails.c.id == due.limit(1).with_for_update(skip_locked=True).scalar_subquery())
        .values(state=_SENDING, attempt=mails.c.attempt + 1, sender=sender, lease_expires_at=_later(lease))
        .returning(
            mails.c.id, mails.c.kind, mails.c.account_id, mails.c.address, mails.c.name, mails.c.language,
            mails.c.facts, mails.c.attempt, mails.c.faults, mails.c.created_at,
            func.extract("epoch", NOW - mails.c.created_at).label("age"), _UNWANTED,
        )
    )  # fmt: skip
    row = uow.execute(claimed).one_or_none()
    return None if row is None else _held(row)


def finish(uow: UnitOfWork, held: HeldMail, state: MailState) -> bool:
    """End a mail and forget what is personal in it; False when it is no longer ours."""
    over = (
        update(mails).where(*_mine(held)).values(state=state.value, lease_expires_at=None, ended_at=NOW, failure=None)
    )
    return _changed(uow, over.values(**_FORGOTTEN))


def retry(uow: UnitOfWork, held: HeldMail, failure: str, delay: float) -> bool:
    """Queue a mail again after a failure that counts."""
    later = {"faults": mails.c.faults + 1, "failure": failure, "available_at": _later(delay)}
    return _changed(uow, _queued(*_mine(held)).values(**later))


def release(uow: UnitOfWork, held: HeldMail) -> bool:
    """Return a mail that was not tried: this counts as no failure."""
    return _changed(uow, _queued(*_mine(held)))


def discard(uow: UnitOfWork, held: HeldMail, failure: str) -> bool:
    """End a mail as dead; an operator can still retry it, so it forgets nothing."""
    over = update(mails).where(*_mine(held)).values(state=_DEAD, faults=mails.c.faults + 1, failure=failure)
    return _changed(uow, over.values(lease_expires_at=None, ended_at=NOW))


def rescue(uow: UnitOfWork, attempts: int) -> list[UUID]:
    """Queue mails again whose sender was silent until its lease ended, or discard them after their last attempt."""
    silent = select(mails.c.id).where(mails.c.state == _SENDING, mails.c.lease_expires_at < NOW)
    over = mails.c.faults + 1 >= attempts
    taken = (
        update(mails)
        .where(mails.c.id.in_(silent.with_for_update(skip_locked=True)))
        .values(
            state=case((over, _DEAD), else_=_QUEUED),
            faults=mails.c.faults + 1,
            failure=func.concat("Sender ", mails.c.sender, " said nothing until its lease ended."),
            lease_expires_at=None,
            ended_at=case((over, NOW)),
        )
        .returning(mails.c.id)
    )
    return list(uow.execute(taken).scalars())


def hold(uow: UnitOfWork) -> int:
    """Hold every queued mail, because no mail server is set; return how many."""
    return _count(uow, update(mails).where(mails.c.state == _QUEUED).values(state=_HELD))


def end_hold(uow: UnitOfWork) -> int:
    """Queue the held mails again; return how many."""
    return _count(uow, _queued(mails.c.state == _HELD))


def revive(uow: UnitOfWork, mail_id: UUID) -> bool:
    """Queue a dead mail again, with all its attempts; False when it is not dead."""
    again = _queued(mails.c.id == mail_id, mails.c.state == _DEAD)
    return _changed(uow, again.values(faults=0, available_at=NOW, ended_at=None))


def dismiss(uow: UnitOfWork, mail_id: UUID) -> bool:
    """End a dead mail for good, and forget what is personal; False when it is not dead."""
    over = update(mails).where(mails.c.id == mail_id, mails.c.state == _DEAD)
    return _changed(uow, over.values(state=MailState.UNWANTED.value, failure=None, **_FORGOTTEN))


def purge(uow: UnitOfWork, seconds: float) -> int:
    """Delete mails that ended before this many seconds."""
    old = mails.c.ended_at < _later(-seconds)
    return _count(uow, mails.delete().where(old))


def record(uow: UnitOfWork, mail_id: UUID) -> MailRecord | None:
    """Return a mail as operators see it."""
    row = uow.execute(select(*_RECORD).where(mails.c.id == mail_id)).one_or_none()
    return None if row is None else _record(row)


def records(uow: UnitOfWork, states: Sequence[MailState], limit: int) -> list[MailRecord]:
    """Return mails in some states, newest first."""
    wanted = mails.c.state.in_([state.value for state in states])
    rows = uow.execute(select(*_RECORD).where(wanted).order_by(mails.c.id.desc()).limit(limit))
    return [_record(row) for row in rows]


def switched_off(uow: UnitOfWork, account_id: UUID) -> set[MailKind]:
    """Return the kinds that a person has switched off."""
    rows = uow.execute(select(mail_choices.c.kind).where(mail_choices.c.account_id == account_id)).scalars()
    return {MailKind(kind) for kind in rows if kind in _KINDS}


def switch_off(uow: UnitOfWork, account_id: UUID, kinds: Collection[MailKind]) -> None:
    """Switch kinds off; those that are off already stay so."""
    if kinds:
        rows = [{"account_id": account_id, "kind": kind.value} for kind in kinds]
        uow.execute(upsert(mail_choices).values(rows).on_conflict_do_nothing())


def switch_on(uow: UnitOfWork, account_id: UUID, kinds: Collection[MailKind]) -> None:
    """Switch kinds on again."""
    chosen = mail_choices.c.kind.in_([kind.value for kind in kinds])
    uow.execute(mail_choices.delete().where(mail_choices.c.account_id == account_id, chosen))


def find_stop(uow: UnitOfWork, token: str) -> tuple[UUID, MailKind] | None:
    """Return whose mails of which kind a token switches off."""
    query = select(mails.c.account_id, mails.c.kind).where(mails.c.stop_hash == _hash(token))
    row = uow.execute(query).one_or_none()
    return None if row is None or row.account_id is None else (row.account_id, MailKind(row.kind))


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _mine(held: HeldMail) -> tuple[ColumnElement[bool], ...]:
    return (mails.c.id == held.id, mails.c.attempt == held.attempt, mails.c.state == _SENDING)


def _queued(*where: ColumnElement[bool]) -> Update:
    return update(mails).where(*where).values(state=_QUEUED, lease_expires_at=None)


def _later(seconds: float) -> ColumnElement[Any]:
    return NOW + timedelta(seconds=seconds)


def _changed(uow: UnitOfWork, change: Update) -> bool:
    return _count(uow, change) > 0


def _count(uow: UnitOfWork, change: Any) -> int:  # noqa: ANN401 - an update or a delete
    return int(uow.execute(change).rowcount)


def _held(row: Row[Any]) -> HeldMail:
    to = Recipient(row.account_id, row.address, row.name, row.language)
    return HeldMail(
        row.id, MailKind(row.kind), to, row.facts, row.attempt, row.faults, row.created_at, float(row.age), row.unwanted
    )


def _record(row: Row[Any]) -> MailRecord:
    return MailRecord(**{**row._mapping, "kind": MailKind(row.kind), "state": MailState(row.state)})  # noqa: SLF001
