"""Reports and their cases as rows."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, null, select, update
from sqlalchemy.dialects.postgresql import insert

from anb.db.paging import Listed, Page, cut, moment
from anb.db.session import UnitOfWork
from anb.db.tables_reports import report_cases, reports
from anb.moderation.domain import ClipReport, NewReport, ReportCase, ReportOutcome, ReportReason

_OPEN = reports.c.closed_at.is_(None)


def add(uow: UnitOfWork, new: NewReport) -> bool:
    """Add a report; False if this account, or this network without an account, has reported the clip before."""
    values = {
        "video_id": new.video_id,
        "reporter_id": new.reporter_id,
        "device": new.trace.device or "",
        "block": new.trace.block or "",
        "reason": new.reason.value,
        "words": new.words,
    }
    made = insert(reports).values(**values).on_conflict_do_nothing().returning(reports.c.id)
    return uow.execute(made).first() is not None


def list_of_clip(uow: UnitOfWork, video_id: UUID, *, only_open: bool = False) -> list[ClipReport]:
    """Return the reports about a clip, newest first."""
    query = select(reports).where(reports.c.video_id == video_id).order_by(reports.c.id.desc())
    return [_report(row) for row in uow.execute(query.where(_OPEN) if only_open else query)]


def list_of_person(uow: UnitOfWork, account_id: UUID) -> list[ClipReport]:
    """Return the reports that a person made, oldest first."""
    mine = select(reports).where(reports.c.reporter_id == account_id).order_by(reports.c.id)
    return [_report(row) for row in uow.execute(mine)]


def count_open(uow: UnitOfWork, clips: Collection[UUID]) -> dict[UUID, dict[ReportReason, int]]:
    """Return how many open reports there are about each clip, by reason."""
    query = (
        select(reports.c.video_id, reports.c.reason, func.count().label("reports"))
        .where(reports.c.video_id.in_(clips), _OPEN)
        .group_by(reports.c.video_id, reports.c.reason)
        .order_by(func.count().desc(), reports.c.reason)
    )
    found: dict[UUID, dict[ReportReason, int]] = {}
    for row in uow.execute(query):
        found.setdefault(row.video_id, {})[ReportReason(row.reason)] = row.reports
    return found


def find_case(uow: UnitOfWork, video_id: UUID) -> ReportCase:
    """Return what is due on a clip."""
    row = uow.execute(select(report_cases).where(report_cases.c.video_id == video_id)).one_or_none()
    return ReportCase(video_id, None, None) if row is None else ReportCase(row.video_id, row.due_at, row.reviewed_at)


def set_due(uow: UnitOfWork, video_id: UUID) -> None:
    """Put a clip into the queue of reported ones."""
    made = insert(report_cases).values(video_id=video_id, due_at=func.now())
    uow.execute(made.on_conflict_do_update(index_elements=["video_id"], set_={"due_at": func.now()}))


def list_due(uow: UnitOfWork, page: Page) -> Listed[ReportCase]:
    """Return the clips that wait for a decision, oldest first."""
    due = report_cases.c.due_at.is_not(None)
    query = select(report_cases).where(due).order_by(report_cases.c.due_at, report_cases.c.video_id)
    after = page.key(moment, UUID)
    if after is not None:
        at, video_id = after
        later = (report_cases.c.due_at > at) | ((report_cases.c.due_at == at) & (report_cases.c.video_id > video_id))
        query = query.where(later)
    rows = [
        ReportCase(row.video_id, row.due_at, row.reviewed_at)
        for row in uow.execute(query.offset(page.skip).limit(page.limit + 1))
    ]
    total = uow.execute(select(func.count()).select_from(report_cases).where(due)).scalar_one()
    return cut(rows, total, page, lambda case: (case.due_at.isoformat() if case.due_at else "", case.video_id))


def close(uow: UnitOfWork, video_id: UUID, outcome: ReportOutcome) -> int:
    """Close the open reports about a clip and its case; return how many."""
    ended = {"closed_at": func.now(), "outcome": outcome.value}
    closed = uow.execute(update(reports).where(reports.c.video_id == video_id, _OPEN).values(**ended)).rowcount
    reviewed = {"reviewed_at": func.now()} if outcome is ReportOutcome.DISMISSED else {}
    uow.execute(update(report_cases).where(report_cases.c.video_id == video_id).values(due_at=null(), **reviewed))
    return closed


def forget_reporter(uow: UnitOfWork, account_id: UUID) -> int:
    """Take a person from the reports that they made; return how many."""
    mine = update(reports).where(reports.c.reporter_id == account_id)
    return uow.execute(mine.values(reporter_id=null(), words="", device="", block="")).rowcount


def delete_of_clip(uow: UnitOfWork, video_id: UUID) -> int:
    """Delete the reports about a clip and its case; return how many."""
    uow.execute(delete(report_cases).where(report_cases.c.video_id == video_id))
    return uow.execute(delete(reports).where(reports.c.video_id == video_id)).rowcount


def forget_traces(uow: UnitOfWork, before: datetime) -> int:
    """Delete the devices and networks of reports made before a moment; return of how many."""
    known = (reports.c.device != "") | (reports.c.block != "")
    old = update(reports).where(reports.c.made_at < before, known)
    return uow.execute(old.values(device="", block="")).rowcount


def purge(uow: UnitOfWork, before: datetime) -> int:
    """Delete the reports made before a moment, and the cases without any; return how many reports."""
    gone = uow.execute(delete(reports).where(reports.c.made_at < before)).rowcount
    has_reports = select(reports.c.id).where(reports.c.video_id == report_cases.c.video_id).exists()
    uow.execute(delete(report_cases).where(~has_reports))
    return gone


def _report(row: Row[Any]) -> ClipReport:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    outcome = None if row.outcome is None else ReportOutcome(row.outcome)
    return ClipReport(**{**values, "reason": ReportReason(row.reason), "outcome": outcome})
