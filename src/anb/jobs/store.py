"""Jobs as rows, read. Time is the database's own: hosts' clocks may differ, leases may not."""

from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Row, Select, case, delete, func, insert, literal, select, tuple_

from anb.db.paging import Listed, Page, cut
from anb.db.session import UnitOfWork
from anb.db.tables import job_events, jobs, switches
from anb.jobs.domain import Drain, Event, Figures, Job, JobState, Lane, Record, What
from anb.jobs.line import Line, Waiting
from anb.jobs.moves import NOW, later

_JOB = (
    jobs.c.id,
    jobs.c.video_id,
    jobs.c.owner_id,
    jobs.c.state,
    jobs.c.attempt,
    jobs.c.faults,
    jobs.c.deaths,
    jobs.c.lane,
    jobs.c.progress,
    jobs.c.created_at,
    jobs.c.started_at,
    jobs.c.finished_at,
    case(((jobs.c.state == "queued") & (jobs.c.available_at > NOW), jobs.c.available_at)).label("next_try_at"),
    jobs.c.timings,
)
_RECORD = (
    *_JOB,
    jobs.c.round,
    jobs.c.worker,
    jobs.c.failure,
    jobs.c.available_at,
    jobs.c.sent_at,
    jobs.c.lease_expires_at,
)
# The time of the statement, since an index can be asked for it.
_DUE = (jobs.c.state == "queued", jobs.c.available_at <= func.statement_timestamp())
# The pace of the line is that of so many jobs done last.
PACE_OF = 20
# One reconciler works at a time; the others find this taken and wait for their next turn.
_RECONCILER = 0x414E43
_DRAIN = "drain"


def get(uow: UnitOfWork, job_id: UUID) -> Job | None:
    """Return a job by id."""
    row = uow.execute(select(*_JOB).where(jobs.c.id == job_id)).one_or_none()
    return None if row is None else Job(**_plain(row))


def latest_of(uow: UnitOfWork, video_id: UUID) -> Job | None:
    """Return the newest job of a video."""
    newest = select(jobs.c.id).where(jobs.c.video_id == video_id).order_by(jobs.c.id.desc()).limit(1)
    job_id = uow.execute(newest).scalar_one_or_none()
    return None if job_id is None else get(uow, job_id)


def record(uow: UnitOfWork, job_id: UUID) -> Record | None:
    """Return all there is to know of a job."""
    row = uow.execute(select(*_RECORD).where(jobs.c.id == job_id)).one_or_none()
    return None if row is None else Record(**_plain(row))


def records(uow: UnitOfWork, state: JobState | None, page: Page) -> Listed[Record]:
    """Return jobs, newest first, of one state or of all."""
    wanted = () if state is None else (jobs.c.state == state.value,)
    query = select(*_RECORD).where(*wanted).order_by(jobs.c.id.desc())
    after = page.key(UUID)
    if after is not None:
        query = query.where(jobs.c.id < after[0])
    rows = [Record(**_plain(row)) for row in uow.execute(query.offset(page.skip).limit(page.limit + 1))]
    count = select(func.count()).select_from(jobs).where(*wanted)
    total = uow.totals.of(("jobs", state), lambda: uow.execute(count).scalar_one())
    return cut(rows, total, page, lambda row: (row.id,))


def timeline(uow: UnitOfWork, job_id: UUID) -> list[Event]:
    """Return what happened to a job, in order."""
    known = (job_events.c[name] for name in ("at", "what", "attempt", "worker", "who", "detail"))
    rows = uow.execute(select(*known).where(job_events.c.job_id == job_id).order_by(job_events.c.id))
    return [Event(**{**row._mapping, "what": What(row.what)}) for row in rows]  # noqa: SLF001


def line(uow: UnitOfWork, job_id: UUID) -> Line:
    """Say what is before a job in each lane, and how fast the line moves."""
    mine = select(jobs.c.turn_at, jobs.c.started_at).where(jobs.c.id == job_id).cte()
    turn = tuple_(select(mine.c.turn_at).scalar_subquery(), literal(job_id))
    total, before = func.count().label("total"), func.count().filter(tuple_(jobs.c.turn_at, jobs.c.id) < turn)
    lanes = uow.execute(select(jobs.c.lane, total, before.label("before")).where(*_DUE).group_by(jobs.c.lane))
    waiting = {Lane(row.lane): Waiting(row.total, row.before, _begun(uow, Lane(row.lane))) for row in lanes}
    late = (
        select((jobs.c.finished_at - jobs.c.started_at).label("took"))
        .where(jobs.c.state == "done")
        .order_by(jobs.c.finished_at.desc())
        .limit(PACE_OF)
        .subquery()
    )
    row = uow.execute(
        select(
            select(func.count()).where(jobs.c.state == "running").scalar_subquery().label("working"),
            select(func.extract("epoch", func.avg(late.c.took))).scalar_subquery().label("pace"),
            select(func.extract("epoch", NOW - mine.c.started_at)).scalar_subquery().label("elapsed"),
        )
    ).one()
    pace = None if row.pace is None else float(row.pace)
    return Line(waiting, row.working, pace, float(row.elapsed or 0))


def figures(uow: UnitOfWork) -> Figures:
    """Say how the line is doing; of jobs that are over it reads none but the dead."""
    oldest, due = func.extract("epoch", NOW - func.min(jobs.c.available_at)), func.count()
    line = uow.execute(select(due.label("due"), oldest.label("seconds")).where(*_DUE)).one()
    running, dead = (
        uow.execute(select(func.count()).where(jobs.c.state == state)).scalar_one() for state in ("running", "dead")
    )
    begun = max((moment for lane in Lane if (moment := _begun(uow, lane)) is not None), default=None)
    ago = uow.execute(select(func.extract("epoch", NOW - literal(begun, DateTime(timezone=True))))).scalar_one()
    waiting, last = (None if seconds is None else float(seconds) for seconds in (line.seconds, ago))
    return Figures(line.due, running, dead, waiting, last, drained=drain(uow) is not None)


def _begun(uow: UnitOfWork, lane: Lane) -> Any:  # noqa: ANN401 - a time, or none
    """Return when a job of a lane was begun last."""
    return uow.execute(select(func.max(jobs.c.started_at)).where(jobs.c.lane == lane.value)).scalar_one()


def drain(uow: UnitOfWork) -> Drain | None:
    """Return since when workers take no new job, or None when they do."""
    row = uow.execute(select(switches.c.since, switches.c.who).where(switches.c.name == _DRAIN)).one_or_none()
    return None if row is None else Drain(row.since, row.who)


def start_drain(uow: UnitOfWork, who: str) -> None:
    """Let workers take no new job; a drain that is on already stays as it is."""
    if drain(uow) is None:
        uow.execute(insert(switches).values(name=_DRAIN, who=who))


def end_drain(uow: UnitOfWork) -> None:
    """Let workers take jobs again."""
    uow.execute(delete(switches).where(switches.c.name == _DRAIN))


def elect(uow: UnitOfWork) -> bool:
    """Become the one reconciler until this transaction ends; False when another is."""
    return bool(uow.execute(select(func.pg_try_advisory_xact_lock(literal(_RECONCILER)))).scalar_one())


def count_due(uow: UnitOfWork) -> int:
    """Count the jobs that a worker could take now."""
    return int(uow.execute(select(func.count()).where(*_DUE)).scalar_one())


def unsent(uow: UnitOfWork, patience: float, at_most: int) -> list[UUID]:
    """Return due jobs, oldest first, that nobody has sent yet, or nobody again for `patience` seconds."""
    stale = jobs.c.sent_at.is_(None) | (jobs.c.sent_at < later(-patience))
    found: Select[Any] = select(jobs.c.id).where(*_DUE, stale).order_by(jobs.c.available_at, jobs.c.id).limit(at_most)
    return list(uow.execute(found).scalars())


def _plain(row: Row[Any]) -> dict[str, Any]:
    return {**row._mapping, "state": JobState(row.state), "lane": Lane(row.lane)}  # noqa: SLF001
