"""Jobs as rows. Time is the database's own: hosts' clocks may differ, leases may not."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, literal, select, tuple_, update
from sqlalchemy.types import Interval

from anb.db.session import UnitOfWork
from anb.db.tables import jobs
from anb.jobs.domain import Claim, Job, JobState, Line, Lost

_JOB = (
    jobs.c.id,
    jobs.c.video_id,
    jobs.c.owner_id,
    jobs.c.state,
    jobs.c.attempt,
    jobs.c.progress,
    jobs.c.created_at,
    jobs.c.started_at,
    jobs.c.finished_at,
    jobs.c.timings,
)
# clock_timestamp, not now(): a statement that waited for a lock must not write a time from before the wait.
_NOW = func.clock_timestamp()
# The pace of the line is that of so many jobs done last.
PACE_OF = 20
# One reconciler works at a time; the others find this taken and wait for their next turn.
_RECONCILER = 0x414E43


def _in(seconds: float) -> ColumnElement[Any]:
    return _NOW + func.make_interval(0, 0, 0, 0, 0, 0, seconds).cast(Interval)


def add(uow: UnitOfWork, video_id: UUID, owner_id: UUID, delay: float) -> UUID:
    """Add a queued job that is due in `delay` seconds."""
    job = insert(jobs).values(video_id=video_id, owner_id=owner_id, available_at=_in(delay))
    row = uow.execute(job.returning(jobs.c.id)).one()
    job_id: UUID = row.id
    return job_id


def get(uow: UnitOfWork, job_id: UUID) -> Job | None:
    """Return a job by id."""
    row = uow.execute(select(*_JOB).where(jobs.c.id == job_id)).one_or_none()
    return None if row is None else Job(**{**row._mapping, "state": JobState(row.state)})  # noqa: SLF001


def latest_of(uow: UnitOfWork, video_id: UUID) -> Job | None:
    """Return the newest job of a video."""
    newest = select(jobs.c.id).where(jobs.c.video_id == video_id).order_by(jobs.c.id.desc()).limit(1)
    job_id = uow.execute(newest).scalar_one_or_none()
    return None if job_id is None else get(uow, job_id)


def claim(uow: UnitOfWork, job_id: UUID, worker: str, lease: float) -> Claim | None:
    """Take a queued job that is due, in one statement; None when it is not to be had."""
    row = uow.execute(
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state == "queued", jobs.c.available_at <= _NOW, jobs.c.video_id.is_not(None))
        .values(
            state="running",
            attempt=jobs.c.attempt + 1,
            worker=worker,
            progress=0,
            started_at=_NOW,
            lease_expires_at=_in(lease),
        )
        .returning(jobs.c.id, jobs.c.video_id, jobs.c.attempt)
    ).one_or_none()
    return None if row is None else Claim(row.id, row.video_id, row.attempt)


def _mine(held: Claim) -> tuple[ColumnElement[bool], ...]:
    return (jobs.c.id == held.job_id, jobs.c.attempt == held.attempt, jobs.c.state == "running")


def beat(uow: UnitOfWork, held: Claim, progress: int, lease: float) -> bool:
    """Renew the lease and write the progress; False when the claim is not ours any more."""
    changed = uow.execute(update(jobs).where(*_mine(held)).values(progress=progress, lease_expires_at=_in(lease)))
    return changed.rowcount == 1


def finish(uow: UnitOfWork, held: Claim, timings: dict[str, float]) -> bool:
    """Say that the work is done; False when the claim is not ours any more."""
    done = update(jobs).where(*_mine(held)).values(
        state="done", progress=100, lease_expires_at=None, finished_at=_NOW, timings=timings
    )  # fmt: skip
    return uow.execute(done).rowcount == 1


def fail(uow: UnitOfWork, held: Claim, failure: str) -> bool:
    """Give the work up for good, with the detail for the operator; False when the claim is not ours any more."""
    failed = update(jobs).where(*_mine(held)).values(
        state="failed", lease_expires_at=None, finished_at=_NOW, failure=failure
    )  # fmt: skip
    return uow.execute(failed).rowcount == 1


def give_back(uow: UnitOfWork, held: Claim, *, delay: float, failure: str | None, refund: bool) -> bool:
    """Put the job back into the queue, due in `delay` seconds; a refund does not count this try."""
    queued = update(jobs).where(*_mine(held)).values(
        state="queued",
        attempt=jobs.c.attempt - int(refund),
        lease_expires_at=None,
        available_at=_in(delay),
        sent_at=None,
        failure=failure,
    )  # fmt: skip
    return uow.execute(queued).rowcount == 1


def cancel_of(uow: UnitOfWork, video_id: UUID) -> None:
    """Cancel whatever is queued or running for a video; a worker notices at its next heartbeat."""
    uow.execute(
        update(jobs)
        .where(jobs.c.video_id == video_id, jobs.c.state.in_(["queued", "running"]))
        .values(state="cancelled", lease_expires_at=None, finished_at=_NOW)
    )


def cancel(uow: UnitOfWork, job_id: UUID) -> UUID | None:
    """Cancel a job and return its video; None when it is over already."""
    stopped = (
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state.in_(["queued", "running"]))
        .values(state="cancelled", lease_expires_at=None, finished_at=_NOW)
        .returning(jobs.c.video_id)
    )
    video_id: UUID | None = uow.execute(stopped).scalar_one_or_none()
    return video_id


def line(uow: UnitOfWork, job_id: UUID) -> Line:
    """Say what is before a job, and how fast the line moves."""
    mine = select(jobs.c.available_at, jobs.c.started_at).where(jobs.c.id == job_id).cte()
    ahead = select(func.count()).where(
        jobs.c.state == "queued",
        tuple_(jobs.c.available_at, jobs.c.id) < tuple_(select(mine.c.available_at).scalar_subquery(), job_id),
    )
    working = select(func.count()).where(jobs.c.state == "running")
    late = (
        select((jobs.c.finished_at - jobs.c.started_at).label("took"))
        .where(jobs.c.state == "done")
        .order_by(jobs.c.finished_at.desc())
        .limit(PACE_OF)
        .subquery()
    )
    row = uow.execute(
        select(
            ahead.scalar_subquery().label("ahead"),
            working.scalar_subquery().label("working"),
            select(func.extract("epoch", func.avg(late.c.took))).scalar_subquery().label("pace"),
            select(func.extract("epoch", _NOW - mine.c.started_at)).scalar_subquery().label("elapsed"),
        )
    ).one()
    pace = None if row.pace is None else float(row.pace)
    return Line(row.ahead, row.working, pace, float(row.elapsed or 0))


def elect(uow: UnitOfWork) -> bool:
    """Become the one reconciler until this transaction ends; False when another is."""
    return bool(uow.execute(select(func.pg_try_advisory_xact_lock(literal(_RECONCILER)))).scalar_one())


def take_back_expired(uow: UnitOfWork) -> list[Lost]:
    """Put every job whose lease has ended back into the queue and return them."""
    rows = uow.execute(
        update(jobs)
        .where(jobs.c.state == "running", jobs.c.lease_expires_at < _NOW)
        .values(state="queued", lease_expires_at=None, sent_at=None, available_at=_NOW)
        .returning(jobs.c.id, jobs.c.video_id, jobs.c.attempt)
    )
    return [Lost(row.id, row.video_id, row.attempt) for row in rows]


def bury(uow: UnitOfWork, job_id: UUID, failure: str) -> None:
    """Fail a queued job for good."""
    uow.execute(
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state == "queued")
        .values(state="failed", finished_at=_NOW, failure=failure)
    )


def count_due(uow: UnitOfWork) -> int:
    """Count the jobs that a worker could take now."""
    due = select(func.count()).where(jobs.c.state == "queued", jobs.c.available_at <= _NOW)
    return int(uow.execute(due).scalar_one())


def unsent(uow: UnitOfWork, patience: float, at_most: int) -> list[UUID]:
    """Return due jobs, oldest first, that for `patience` seconds nobody has sent (again)."""
    last_sent = func.coalesce(jobs.c.sent_at, jobs.c.available_at)
    rows = uow.execute(
        select(jobs.c.id)
        .where(jobs.c.state == "queued", jobs.c.available_at <= _NOW, last_sent < _in(-patience))
        .order_by(jobs.c.available_at, jobs.c.id)
        .limit(at_most)
    )
    return list(rows.scalars())


def mark_sent(uow: UnitOfWork, job_ids: Sequence[UUID]) -> None:
    """Remember that these were sent just now."""
    uow.execute(update(jobs).where(jobs.c.id.in_(job_ids)).values(sent_at=_NOW))
