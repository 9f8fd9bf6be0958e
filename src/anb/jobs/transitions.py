"""The transitions of a job in SQL, each written with its timeline entry. The database refuses illegal ones."""

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
from anb.jobs.domain import LIVE, UNFINISHED, Claim, JobState, Lane, Lost, Spacing, What

# clock_timestamp, not now(): a statement that waited for a lock must not write a time from before the wait.
NOW = func.clock_timestamp()
_OVER = {"lease_expires_at": None, "finished_at": NOW, "origin": None}  # the client's network is no longer needed

# The head of the lane that comes next, by the rule of docs/decisions/0015. Only the row that is claimed is locked:
# lanes are read one after another, until one has a job. “Due” uses the statement's time, because an index can be
# searched with it.
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
    """Return the time in `seconds` seconds."""
    return NOW + func.make_interval(0, 0, 0, 0, 0, 0, seconds).cast(Interval)


def add(
    uow: UnitOfWork, video_id: UUID, owner_id: UUID, lane: Lane, turns: Spacing, *, delay: float = 0, held: bool = False
) -> UUID:
    """Add a job that is due in `delay` seconds, spaced from others of its owner and its network; or a held one."""
    job = insert(jobs).values(
        video_id=video_id,
        owner_id=owner_id,
        lane=lane.value,
        state=(JobState.HELD if held else JobState.QUEUED).value,
        available_at=later(delay),
        turn_at=func.greatest(later(delay), *_spaced(owner_id, lane, turns)),
        origin=turns.origin,
        sent_at=null() if delay or held else NOW,
    )
    (row,) = _noted(uow, job, What.HELD if held else What.QUEUED)
    job_id: UUID = row.id
    return job_id


def _spaced(owner_id: UUID, lane: Lane, turns: Spacing) -> Sequence[ColumnElement[Any]]:
    """Return the earliest times that spacing allows for a new job."""
    live = (jobs.c.lane == lane.value, jobs.c.state.in_(LIVE))
    last = func.max(jobs.c.turn_at) + func.make_interval(0, 0, 0, 0, 0, 0, turns.spacing)
    found = [select(last).where(jobs.c.owner_id == owner_id, *live).scalar_subquery()]
    if turns.origin is not None:
        # By their number, not by their last one: a student's tenth clip is spaced nine hours away.
        wait = func.count() * func.make_interval(0, 0, 0, 0, 0, 0, turns.origin_spacing)
        others = (jobs.c.origin == turns.origin, jobs.c.owner_id != owner_id)
        found.append(select(NOW + wait).where(*others, *live).scalar_subquery())
    return found


def claim(uow: UnitOfWork, worker: str, lease: float) -> Claim | None:
    """Claim the job that comes next, in one statement; None when no job can be claimed."""
    row = uow.execute(_CLAIM, {"lanes": [*Lane], "worker": worker, "lease": lease}).one_or_none()
    return None if row is None else Claim(row.id, row.video_id, row.attempt, row.faults)


def beat(uow: UnitOfWork, held: Claim, progress: int, lease: float) -> bool:
    """Renew the lease and write the progress; False when the claim is no longer ours."""
    changed = uow.execute(update(jobs).where(*_mine(held)).values(progress=progress, lease_expires_at=later(lease)))
    return changed.rowcount == 1


def finish(uow: UnitOfWork, held: Claim, timings: dict[str, float]) -> bool:
    """End a job as done; False when the claim is no longer ours."""
    return _end(uow, held, JobState.DONE, What.DONE, None, progress=100, timings=timings)


def fail(uow: UnitOfWork, held: Claim, failure: str) -> bool:
    """End a job as failed, with the detail for the operator; False when the claim is no longer ours."""
    return _end(uow, held, JobState.FAILED, What.FAILED, failure, failure=failure)


def discard(uow: UnitOfWork, held: Claim, failure: str) -> bool:
    """Make a job whose attempts are used up a dead letter; False when the claim is no longer ours."""
    return _end(uow, held, JobState.DEAD, What.DEAD, failure, failure=failure, faults=jobs.c.faults + 1)


def retry(uow: UnitOfWork, held: Claim, failure: str, delay: float) -> bool:
    """Queue a job again, due in `delay` seconds, and count the fault; False when the claim is no longer ours."""
    back = {"available_at": later(delay), "sent_at": None, "failure": failure, "faults": jobs.c.faults + 1}
    return bool(_noted(uow, _queued_again(*_mine(held), **back), What.RETRIED, detail=failure))


def hand_over(uow: UnitOfWork, held: Claim) -> bool:
    """Queue a job again as if it had not begun; False when the claim is no longer ours."""
    return bool(_noted(uow, _queued_again(*_mine(held), available_at=NOW, sent_at=NOW), What.HANDED_OVER))


def hold(uow: UnitOfWork, held: Claim) -> bool:
    """Hold a job as if it had not begun; False when the claim is no longer ours."""
    waits = _queued_again(*_mine(held), available_at=NOW, sent_at=None)
    return bool(_noted(uow, waits.values(state="held"), What.HELD))


def release(uow: UnitOfWork, job_id: UUID, owner_id: UUID, lane: Lane, turns: Spacing) -> bool:
    """Queue a held job, spaced as a new one; False when it is not held."""
    ready = {"available_at": NOW, "sent_at": NOW, "turn_at": func.greatest(NOW, *_spaced(owner_id, lane, turns))}
    return bool(_noted(uow, _queued_again(jobs.c.id == job_id, jobs.c.state == "held", **ready), What.RELEASED))


def reopen(uow: UnitOfWork, job_id: UUID, who: str) -> UUID | None:
    """Queue a failed or dead job for another round and return its video; None when it is in another state."""
    ended = (jobs.c.id == job_id, jobs.c.state.in_(["failed", "dead"]), jobs.c.video_id.is_not(None))
    again = {"available_at": NOW, "sent_at": NOW, "turn_at": NOW, "finished_at": None, "progress": 0}
    new_round = {"faults": 0, "deaths": 0, "round": jobs.c.round + 1}
    return _video(_noted(uow, _queued_again(*ended, **again, **new_round), What.REOPENED, who=who))


def cancel(uow: UnitOfWork, job_id: UUID, who: str) -> UUID | None:
    """Cancel a job and return its video; None when it has already ended."""
    return _video(_noted(uow, _cancelled(jobs.c.id == job_id), What.CANCELLED, who=who))


def cancel_of(uow: UnitOfWork, video_id: UUID, who: str) -> None:
    """Cancel the unfinished job of a video; its worker notices at its next heartbeat."""
    _noted(uow, _cancelled(jobs.c.video_id == video_id), What.CANCELLED, who=who)


def rescue_expired(uow: UnitOfWork, *, deaths: int, suspect_after: int) -> list[Lost]:
    """Count a death for every job whose lease has expired, and queue it again, or discard it after its last one.

    Rows that a stopped process still locks are left for the next time.
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
            origin=case((over, null()), else_=jobs.c.origin),
            finished_at=case((over, NOW)),
            sent_at=NOW,
        )
    )
    rows = _noted(uow, taken, None)
    return [Lost(row.id, row.video_id, row.attempt, row.state == "dead") for row in rows]


def mark_sent(uow: UnitOfWork, job_ids: Sequence[UUID]) -> None:
    """Record that the messages of these jobs were just sent."""
    _noted(uow, update(jobs).where(jobs.c.id.in_(job_ids), jobs.c.state == "queued").values(sent_at=NOW), What.SENT)


def _mine(held: Claim) -> tuple[ColumnElement[bool], ...]:
    return (jobs.c.id == held.job_id, jobs.c.attempt == held.attempt, jobs.c.state == "running")


def _end(uow: UnitOfWork, held: Claim, state: JobState, what: What, detail: str | None, **values: object) -> bool:
    over = (
        update(jobs).where(*_mine(held)).values(state=state.value, origin=None, lease_expires_at=None, finished_at=NOW)
    )
    return bool(_noted(uow, over.values(**values), what, detail=detail))


def _queued_again(*where: ColumnElement[bool], **values: object) -> Update:
    return update(jobs).where(*where).values(state="queued", lease_expires_at=None, **values)


def _cancelled(*where: ColumnElement[bool]) -> Update:
    return update(jobs).where(*where, jobs.c.state.in_(UNFINISHED)).values(state="cancelled", **_OVER)


def _video(rows: Sequence[Row[Any]]) -> UUID | None:
    return rows[0].video_id if rows else None


def _noted(
    uow: UnitOfWork, move: Insert | Update, what: What | None, *, who: str | None = None, detail: str | None = None
) -> Sequence[Row[Any]]:
    """Make a transition and write its timeline entry in one statement; return the rows that changed.

    Without a `what`, each row is an expired lease, and its new state says whether it was the last.
    """
    kept = (jobs.c[name] for name in ("id", "video_id", "attempt", "worker", "state", "failure"))
    moved = move.returning(*kept).cte("moved")
    transition: ColumnElement[str]
    details: ColumnElement[str]
    if what is None:
        transition, details = case((moved.c.state == "dead", What.DEAD.value), else_=What.LOST.value), moved.c.failure
    else:
        transition, details = literal(what.value), literal(detail, String)
    noted = _timeline_entry(moved, what=transition, who=literal(who, String), detail=details)
    return uow.execute(select(moved).add_cte(noted)).all()


def _timeline_entry(moved: CTE, **values: ColumnElement[Any]) -> CTE:
    known = {"job_id": moved.c.id, "attempt": moved.c.attempt, "worker": moved.c.worker, **values}
    return insert(job_events).from_select(list(known), select(*known.values())).cte("noted")
