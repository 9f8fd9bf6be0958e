"""Removing a person's sessions with their devices and networks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from anb.db.session import UnitOfWork
from anb.db.tables_sessions import sessions


def erase(uow: UnitOfWork, account_id: UUID) -> int:
    """Delete the rows of an account's sessions, which were ended before; return how many."""
    return uow.execute(delete(sessions).where(sessions.c.account_id == account_id)).rowcount


def was_opened_since(uow: UnitOfWork, account_id: UUID, moment: datetime) -> bool:
    """Say whether a person signed in after a moment."""
    mine = (sessions.c.account_id == account_id) & (sessions.c.opened_at > moment)
    return uow.execute(select(sessions.c.id).where(mine).limit(1)).first() is not None
