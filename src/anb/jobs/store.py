"""Read jobs from their rows. Time is the database's own: the clocks of hosts may differ, leases may not."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Row,
    Select,
    Uuid,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
)

from anb.db.paging import Listed, Page, cut
from anb.db.session import UnitOfWork
from anb.db.tables import job_events, jobs, switches
from anb.jobs.domain import (
    UNFINISHED,
    Drain,
    Figures,
    HeldJob,
    Job,
    JobState,
    JobStatus,
    Lane,
    Record,
    TimelineEntry,
    What,
)
from anb.jobs.queue_position import QueueView, Waiting
from anb.jobs.transitions import NOW, later

_NEXT_TRY = case(((jobs.c.state == "queued") & (jobs.c.available_at > NOW), jobs.c.available_at)).label("next_try_at")
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
    _NEXT_TRY,
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
_STATES = {state.value: state for state in JobState}
# The time of the statement, because an index can be searched with it.
_DUE = (jobs.c.state == "queued", jobs.c.available_at <= func.statement_timestamp())
# The pace is the average of this many jobs done last.
PACE_OF = 20
# One reconciler works at a time; the others find the lock taken and wait for their next run.
_RECONCILER = 0x414E43
_DRAIN = "drain"
# One parameter for any number of ids, so that the statement is planned once.
_STATUSES = select(
    jobs.c.id, jobs.c.owner_id, jobs.c.state, jobs.c.progress, jobs.c.faults, jobs.c.deaths, _NEXT_TRY
).where(jobs.c.id == func.any(bindparam("wanted", type_=ARRAY(Uuid))))


def get(uow: UnitOfWork, job_id: UUID) -> Job | None:
    """Return a job by id."""
    row = uow.execute(select(*_JOB).where(jobs.c.id == job_id)).one_or_none()
    return None if row is None else Job(**_plain(row))


def statuses(uow: UnitOfWork, job_ids: Sequence[UUID]) -> list[JobStatus]:
    """Return the statuses of these jobs."""
    rows: Sequence[tuple[Any, ...]] = uow.execute(_STATUSES, {"wanted": list(job_ids)}).all()
    return [JobStatus(job_id, owner_id, _STATES[state], *rest) for job_id, owner_id, state, *rest in rows]


def latest_of(uow: UnitOfWork, video_id: UUID) -> Job | None:
    """Return the newest job of a video."""
    newest = select(jobs.c.id).where(jobs.c.video_id == video_id).order_by(jobs.c.id.desc()).limit(1)
    job_id = uow.execute(newest).scalar_one_or_none()
    return None if job_id is None else get(uow, job_id)


def list_videos_at_work(uow: UnitOfWork) -> set[UUID]:
    """Return the videos that have an unfinished job."""
    unfinished = select(jobs.c.video_id).where(jobs.c.state.in_(UNFINISHED), jobs.c.video_id.is_not(None))
    return set(uow.execute(unfinished).scalars())


def count_since(uow: UnitOfWork, owner_id: UUID, seconds: float) -> int:
    """Count a player's jobs of the last `seconds`, without new edits of old clips."""
    young = jobs.c.created_at > func.now() - func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    theirs = select(func.count()).where(jobs.c.owner_id == owner_id, young, jobs.c.lane != Lane.REEDIT.value)
    count: int = uow.execute(theirs).scalar_one()
    return count


def record(uow: UnitOfWork, job_id: UUID) -> Record | None:
    """Return a job with all its details."""
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


def timeline(uow: UnitOfWork, job_id: UUID) -> list[TimelineEntry]:
    """Return the timeline of a job, in order."""
    known = (job_events.c[name] for name in ("at", "what", "attempt", "worker", "who", "detail"))
    rows = uow.execute(select(*known).where(job_events.c.job_id == job_id).order_by(job_events.c.id))
    return [TimelineEntry(**{**row._mapping, "what": What(row.what)}) for row in rows]  # noqa: SLF001


def line(uow: UnitOfWork, job_id: UUID) -> QueueView:
    """Return what is before a job in each lane, and the pace of the queue."""
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
    return QueueView(waiting, row.working, pace, float(row.elapsed or 0))


def figures(uow: UnitOfWork) -> Figures:
    """Return figures about the queue; of jobs that ended, this reads only the dead ones."""
    oldest, due = func.extract("epoch", NOW - func.min(jobs.c.available_at)), func.count()
    line = uow.execute(select(due.label("due"), oldest.label("seconds")).where(*_DUE)).one()
    running, dead, held = (
        uow.execute(select(func.count()).where(jobs.c.state == state)).scalar_one()
        for state in ("running", "dead", "held")
    )
    begun = max((moment for lane in Lane if (moment := _begun(uow, lane)) is not None), default=None)
    ago = uow.execute(select(func.extract("epoch", NOW - literal(begun, DateTime(timezone=True))))).scalar_one()
    waiting, last = (None if seconds is None else float(seconds) for seconds in (line.seconds, ago))
    return Figures(line.due, running, dead, held, waiting, last, drained=drain(uow) is not None)


def _begun(uow: UnitOfWork, lane: Lane) -> Any:  # noqa: ANN401 - a time, or None
    """Return when a job of a lane was last claimed."""
    return uow.execute(select(func.max(jobs.c.started_at)).where(jobs.c.lane == lane.value)).scalar_one()


def drain(uow: UnitOfWork) -> Drain | None:
    """Return the drain, or None when workers take jobs."""
    row = uow.execute(select(switches.c.since, switches.c.who).where(switches.c.name == _DRAIN)).one_or_none()
    return None if row is None else Drain(row.since, row.who)


def start_drain(uow: UnitOfWork, who: str) -> None:
    """Let workers take no new job; a drain that is already on does not change."""
    if drain(uow) is None:
        uow.execute(insert(switches).values(name=_DRAIN, who=who))


def end_drain(uow: UnitOfWork) -> None:
    """Let workers take jobs again."""
    uow.execute(delete(switches).where(switches.c.name == _DRAIN))


def list_held(uow: UnitOfWork, owner_id: UUID) -> list[HeldJob]:
    """Return the held jobs of a player, oldest first."""
    known = (jobs.c.id, jobs.c.video_id, jobs.c.lane, jobs.c.origin, jobs.c.available_at)
    mine = select(*known).where(jobs.c.owner_id == owner_id, jobs.c.state == "held", jobs.c.video_id.is_not(None))
    rows = uow.execute(mine.order_by(jobs.c.id)).all()
    return [HeldJob(row.id, row.video_id, Lane(row.lane), row.origin, row.available_at) for row in rows]


def list_owners_of_held(uow: UnitOfWork) -> list[UUID]:
    """Return the players that have held jobs."""
    return list(uow.execute(select(jobs.c.owner_id).where(jobs.c.state == "held").distinct()).scalars())


def elect(uow: UnitOfWork) -> bool:
    """Become the only reconciler until this transaction ends; False when another process is."""
    return bool(uow.execute(select(func.pg_try_advisory_xact_lock(literal(_RECONCILER)))).scalar_one())


def count_due(uow: UnitOfWork) -> int:
    """Count the jobs that a worker could claim now."""
    return int(uow.execute(select(func.count()).where(*_DUE)).scalar_one())


def unsent(uow: UnitOfWork, patience: float, at_most: int) -> list[UUID]:
    """Return due jobs, oldest first, whose message was never sent, or not for `patience` seconds."""
    stale = jobs.c.sent_at.is_(None) | (jobs.c.sent_at < later(-patience))
    found: Select[Any] = select(jobs.c.id).where(*_DUE, stale).order_by(jobs.c.available_at, jobs.c.id).limit(at_most)
    return list(uow.execute(found).scalars())


def _plain(row: Row[Any]) -> dict[str, Any]:
    return {**row._mapping, "state": JobState(row.state), "lane": Lane(row.lane)}  # noqa: SLF001
