"""Changes of address that are under way, as rows: one an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from anb.accounts.domain import EMAIL_HOURS
from anb.db.session import UnitOfWork
from anb.db.tables_accounts import email_changes

_SHOWN = ("email", "wait_days", "asked_at", "accepted_at", "approved_at", "due_at")
_WAIT = func.make_interval(0, 0, 0, email_changes.c.wait_days)


@dataclass(frozen=True)
class EmailChange:
    """A change of address that was asked for, and has not taken effect."""

    email: str
    wait_days: int
    asked_at: datetime
    accepted_at: datetime | None  # by the new address
    approved_at: datetime | None  # by the former address
    due_at: datetime | None  # when it takes effect without the former address's answer


def begin(uow: UnitOfWork, account_id: UUID, email: str, wait_days: int) -> None:
    """Note a change; it replaces the one that was under way."""
    forget(uow, account_id)
    uow.execute(insert(email_changes).values(account_id=account_id, email=email, wait_days=wait_days))


def find(uow: UnitOfWork, account_id: UUID) -> EmailChange | None:
    """Return the change of an account; None also for one that the new address did not accept in time."""
    in_time = email_changes.c.asked_at > func.now() - timedelta(hours=EMAIL_HOURS)
    wanted = select(*(email_changes.c[name] for name in _SHOWN)).where(
        email_changes.c.account_id == account_id, in_time | email_changes.c.accepted_at.is_not(None)
    )
    row = uow.execute(wanted).one_or_none()
    return None if row is None else EmailChange(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def accept(uow: UnitOfWork, account_id: UUID) -> datetime:
    """Note that the new address accepts; return until when the former one may refuse."""
    accepted = update(email_changes).where(email_changes.c.account_id == account_id)
    accepted = accepted.values(accepted_at=func.now(), due_at=func.now() + _WAIT)
    due: datetime = uow.execute(accepted.returning(email_changes.c.due_at)).scalar_one()
    return due


def approve(uow: UnitOfWork, account_id: UUID) -> None:
    """Note that the former address approves."""
    approved = update(email_changes).where(email_changes.c.account_id == account_id)
    uow.execute(approved.values(approved_at=func.now()))


def forget(uow: UnitOfWork, account_id: UUID) -> bool:
    """Delete the change of an account; False when none was under way."""
    return uow.execute(delete(email_changes).where(email_changes.c.account_id == account_id)).rowcount == 1


def keeps_address(uow: UnitOfWork, email: str, but: UUID | None = None) -> bool:
    """Say whether an account, other than `but`, is about to get this address, which has accepted."""
    held = select(email_changes.c.account_id).where(
        email_changes.c.email == email,
        email_changes.c.accepted_at.is_not(None),
        email_changes.c.account_id.is_distinct_from(but),
    )
    return uow.execute(held).first() is not None


def list_due(uow: UnitOfWork, limit: int) -> Sequence[UUID]:
    """Return the accounts whose change takes effect now, the longest due first."""
    due = select(email_changes.c.account_id).where(email_changes.c.due_at <= func.now())
    return uow.execute(due.order_by(email_changes.c.due_at).limit(limit)).scalars().all()


def is_due(uow: UnitOfWork, account_id: UUID) -> bool:
    """Say whether the change of an account takes effect now."""
    due = (email_changes.c.account_id == account_id, email_changes.c.due_at <= func.now())
    return uow.execute(select(email_changes.c.account_id).where(*due)).first() is not None


def purge(uow: UnitOfWork) -> int:
    """Delete changes that the new address did not accept in time; return how many."""
    late = email_changes.c.asked_at <= func.now() - timedelta(hours=EMAIL_HOURS)
    return uow.execute(delete(email_changes).where(late, email_changes.c.accepted_at.is_(None))).rowcount
