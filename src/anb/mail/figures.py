"""Figures about the outbox, by SQL that costs little: an alarm asks every minute."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, select

from anb.db.session import UnitOfWork
from anb.db.tables_mail import mails
from anb.mail.domain import MailFigures, MailState
from anb.mail.store import NOW

MOST_COUNTED = 10_000
DAY = timedelta(days=1)
_DUE = (mails.c.state == MailState.QUEUED.value, mails.c.available_at <= NOW)
# A person waits for it, and a mail server is there. A temporary refusal moves `available_at`, and not `created_at`.
_WAITED_FOR = (mails.c.urgent, mails.c.state.in_([MailState.QUEUED.value, MailState.SENDING.value]))


def read_figures(uow: UnitOfWork) -> MailFigures:
    """Return figures about the outbox in one read of indexes; this reads no mail that was sent."""
    dead = mails.c.state == MailState.DEAD.value
    kinds = (_earliest(mails.c.available_at, *_DUE, mails.c.urgent.is_(urgent)) for urgent in (True, False))
    row = uow.execute(
        select(
            _counted(*_DUE).label("due"),
            _counted(mails.c.state == MailState.HELD.value).label("held"),
            _counted(dead).label("dead"),
            func.extract("epoch", NOW - func.least(*kinds)).label("waiting_seconds"),
            _counted(dead, mails.c.ended_at > NOW - DAY).label("died_today"),
            func.extract("epoch", NOW - _earliest(mails.c.created_at, *_WAITED_FOR)).label("oldest_seconds"),
        )
    ).one()
    waiting, oldest = (None if each is None else float(each) for each in (row.waiting_seconds, row.oldest_seconds))
    return MailFigures(row.due, row.held, row.dead, waiting, row.died_today, oldest)


def _counted(*where: ColumnElement[bool]) -> ScalarSelect[int]:
    """Count rows, at most so many that the answer stays cheap."""
    found = select(mails.c.id).where(*where).limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def _earliest(moment: ColumnElement[Any], *where: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(func.min(moment)).where(*where).scalar_subquery()
