"""Removing a person's mails: those that wait, the rows of those that were sent, and their choices."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select

from anb.db.session import UnitOfWork
from anb.db.tables_mail import mail_choices, mails
from anb.mail.domain import MailKind


def erase(uow: UnitOfWork, account_id: UUID, address: str) -> int:
    """Delete the mails for an account or its address, and what it switched off; return how many mails."""
    uow.execute(delete(mail_choices).where(mail_choices.c.account_id == account_id))
    theirs = or_(mails.c.account_id == account_id, mails.c.address == address)
    return uow.execute(delete(mails).where(theirs)).rowcount


def forget_farewells(uow: UnitOfWork, before: datetime) -> int:
    """Delete the last mails to erased accounts that could not be sent before a moment; return how many."""
    unsent = (mails.c.kind == MailKind.ACCOUNT_ERASED.value, mails.c.address.is_not(None), mails.c.created_at < before)
    return uow.execute(delete(mails).where(*unsent)).rowcount


def list_kinds(uow: UnitOfWork, account_id: UUID) -> list[dict[str, Any]]:
    """Return the kinds of the mails that are kept of an account, with their times, oldest first."""
    known = select(mails.c.kind, mails.c.state, mails.c.created_at, mails.c.ended_at)
    rows = uow.execute(known.where(mails.c.account_id == account_id).order_by(mails.c.id))
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it
