"""The moves of a job as SQL, each written with its line of the timeline. What is illegal the database refuses."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Insert,
    Interval,
    Row,
    String,
    Update,
    case,
    func,
    insert,
    literal,
    null,
    select,
    text,
    update,
)

from anb.db.session import UnitOfWork
from anb.db.tables import job_events, jobs
from anb.jobs.domain import LIVE, Claim, JobState, Lane, Lost, What

# clock_timestamp, not now(): a statement that waited for a lock must not write a time from before the wait.
NOW = func.clock_timestamp()

# The head of the lane whose turn it is, by the rule of docs/decisions/0015. Only the row that is taken is locked: the
# lanes are looked at one after another, and the first that has somebody is the last that is asked. Due is asked of the
# statement's time, because an index can.
_CLAIM = text("""
with rotation as materialized (
    select lane, (select max(started_at) from jobs where jobs.lane = lanes.lane) as begun_at
    from unnest(cast(:lanes as text[])) with ordinality as lanes (lane, rank)
    where not exists (select from switches where name = 'drain')
    order by begun_at nulls first, rank
), head as (
    select first.id
    from rotation, lateral (
        select id from jobs
        where state = 'queued' and lane = rotation.lane and available_at <= statement_timestamp()
          and video_id is not null
          and (lane <> 'suspect' or not exists (select from jobs where state = 'running' and lane = 'suspect'))
        order by turn_at, id limit 1 for update skip locked
    ) as first
    limit 1
), taken as (
    update jobs
    set state = 'running', attempt = attempt + 1, worker = :worker, progress = 0, started_at = clock_timestamp(),
        lease_expires_at = clock_timestamp() + make_interval(secs => :lease)
    where id = (select id from head)
    returning id, video_id, attempt, faults
), noted as (
    insert into job_events (job_id, what, attempt, worker) select id, 'begun', attempt, :worker from taken
)
select id, video_id, attempt, faults from taken
""")


def later(seconds: float) -> ColumnElement[Any]:
    """Return the time in so many seconds."""
    return NOW + func.make_interval(0, 0, 0, 0, 0, 0, seconds).cast(Interval)


def add(uow: UnitOfWork, video_id: UUID, owner_id: UUID, lane: Lane, *, delay: float, spacing: float) -> UUID:
    """Add a queued job that is due in `delay` seconds; its turn is `spacing` after the owner's last in the lane."""
    theirs = select(func.max(jobs.c.turn_at) + func.make_interval(0, 0, 0, 0, 0, 0, spacing)).where(
        jobs.c.owner_id == owner_id, jobs.c.lane == lane.value, jobs.c.state.in_(LIVE)
    )
    job = insert(jobs).values(
        video_id=video_id,
        owner_id=owner_id,
        lane=lane.value,
        available_at=later(delay),
        turn_at=func.greatest(later(delay), theirs.scalar_subquery()),
        sent_at=null() if delay else NOW,
    )
    (row,) = _noted(uow, job, What.QUEUED)
    job_id: UUID = row.id
    return job_id


def claim(uow: UnitOfWork, worker: str, lease: float) -> Claim | None:
    """Take the job that comes next, in one statement; None when there is none to be had."""
    row = uow.execute(_CLAIM, {"lanes": [*Lane], "worker": worker, "lease": lease}).one_or_none()
    return None if row is None else Claim(row.id, row.video_id, row.attempt, row.faults)


def beat(uow: UnitOfWork, held: Claim, progress: int, lease: float) -> bool:
    """Renew the lease and write the progress; False when the claim is not ours any more."""
    changed = uow.execute(update(jobs).where(*_mine(held)).values(progress=progress, lease_expires_at=later(lease)))
    return changed.rowcount == 1


def finish(uow: UnitOfWork, held: Claim, timings: dict[str, float]) -> bool:
    """Say that the work is done; False when the claim is not ours any more."""
    return _end(uow, held, JobState.DONE, What.DONE, None, progress=100, timings=timings)


def fail(uow: UnitOfWork, held: Claim, failure: str) -> bool:
    """Give a file up for good, with the detail for the operator; False when the claim is not ours any more."""
    return _end(uow, held, JobState.FAILED, What.FAILED, failure, failure=failure)


def bury(uow: UnitOfWork, held: Claim, failure: str) -> bool:
    """Make a job whose tries are used up a dead letter; False when the claim is not ours any more."""
    return _end(uow, held, JobState.DEAD, What.DEAD, failure, failure=failure, faults=jobs.c.faults + 1)


def retry(uow: UnitOfWork, held: Claim, failure: str, delay: float) -> bool:
    """Queue a job again, due in `delay` seconds, and count the fault; False when the claim is not ours any more."""
    back = {"available_at": later(delay), "sent_at": None, "failure": failure, "faults": jobs.c.faults + 1}
    return bool(_noted(uow, _queued_again(*_mine(held), **back), What.RETRIED, detail=failure))


def hand_over(uow: UnitOfWork, held: Claim) -> bool:
    """Queue a job again as if it had not been begun; False when the claim is not ours any more."""
    return bool(_noted(uow, _queued_again(*_mine(held), available_at=NOW, sent_at=NOW), What.HANDED_OVER))


def reopen(uow: UnitOfWork, job_id: UUID, who: str) -> UUID | None:
    """Queue a failed or dead job for another round and return its video; None when it is not such a one."""
    ended = (jobs.c.id == job_id, jobs.c.state.in_(["failed", "dead"]), jobs.c.video_id.is_not(None))
    again = {"available_at": NOW, "sent_at": NOW, "turn_at": NOW, "finished_at": None, "progress": 0}
    new_round = {"faults": 0, "deaths": 0, "round": jobs.c.round + 1}
    return _video(_noted(uow, _queued_again(*ended, **again, **new_round), What.REOPENED, who=who))


def cancel(uow: UnitOfWork, job_id: UUID, who: str) -> UUID | None:
    """Cancel a job and return its video; None when it is over already."""
    return _video(_noted(uow, _cancelled(jobs.c.id == job_id), What.CANCELLED, who=who))


def cancel_of(uow: UnitOfWork, video_id: UUID, who: str) -> None:
    """Cancel whatever is queued or running for a video; a worker notices at its next heartbeat."""
    _noted(uow, _cancelled(jobs.c.video_id == video_id), What.CANCELLED, who=who)


def take_back_expired(uow: UnitOfWork, *, deaths: int, suspect_after: int) -> list[Lost]:
    """Count a death for every job whose lease has ended: queue it again, or bury it with its last one.

    What a stopped process still holds locked is left for the next time.
    """
    silent = select(jobs.c.id).where(jobs.c.state == "running", jobs.c.lease_expires_at < NOW)
    over = jobs.c.deaths + 1 >= deaths
    taken = (
        update(jobs)
        .where(jobs.c.id.in_(silent.with_for_update(skip_locked=True)))
        .values(
            state=case((over, "dead"), else_="queued"),
            deaths=jobs.c.deaths + 1,
            lane=case((jobs.c.deaths + 1 >= suspect_after, Lane.SUSPECT.value), else_=jobs.c.lane),
            failure=func.concat("Worker ", jobs.c.worker, " said nothing until its lease ended."),
            lease_expires_at=None,
            finished_at=case((over, NOW)),
            sent_at=NOW,
        )
    )
    rows = _noted(uow, taken, None)
    return [Lost(row.id, row.video_id, row.attempt, row.state == "dead") for row in rows]


def mark_sent(uow: UnitOfWork, job_ids: Sequence[UUID]) -> None:
    """Remember that these were sent just now."""
    _noted(uow, update(jobs).where(jobs.c.id.in_(job_ids), jobs.c.state == "queued").values(sent_at=NOW), What.SENT)


def _mine(held: Claim) -> tuple[ColumnElement[bool], ...]:
    return (jobs.c.id == held.job_id, jobs.c.attempt == held.attempt, jobs.c.state == "running")


def _end(uow: UnitOfWork, held: Claim, state: JobState, what: What, detail: str | None, **values: object) -> bool:
    over = update(jobs).where(*_mine(held)).values(state=state.value, lease_expires_at=None, finished_at=NOW)
    return bool(_noted(uow, over.values(**values), what, detail=detail))


def _queued_again(*where: ColumnElement[bool], **values: object) -> Update:
    return update(jobs).where(*where).values(state="queued", lease_expires_at=None, **values)


def _cancelled(*where: ColumnElement[bool]) -> Update:
    live = update(jobs).where(*where, jobs.c.state.in_(LIVE))
    return live.values(state="cancelled", lease_expires_at=None, finished_at=NOW)


def _video(rows: Sequence[Row[Any]]) -> UUID | None:
    return rows[0].video_id if rows else None


def _noted(
    uow: UnitOfWork, move: Insert | Update, what: What | None, *, who: str | None = None, detail: str | None = None
) -> Sequence[Row[Any]]:
    """Make a move and write its line of the timeline in one statement; return the rows that moved.

    Without a `what` each is a lost lease, and its own state says whether it was the last.
    """
    kept = (jobs.c[name] for name in ("id", "video_id", "attempt", "worker", "state", "failure"))
    moved = move.returning(*kept).cte("moved")
    said = literal(what.value) if what else case((moved.c.state == "dead", What.DEAD.value), else_=What.LOST.value)
    told = literal(detail, String) if what else moved.c.failure
    noted = _line(moved, what=said, who=literal(who, String), detail=told)
    return uow.execute(select(moved).add_cte(noted)).all()


def _line(moved: CTE, **said: ColumnElement[Any]) -> CTE:
    known = {"job_id": moved.c.id, "attempt": moved.c.attempt, "worker": moved.c.worker, **said}
    return insert(job_events).from_select(list(known), select(*known.values())).cte("noted")
