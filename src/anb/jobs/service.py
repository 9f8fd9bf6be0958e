"""The verbs of a job: queue, claim, heartbeat, finish, fail, give back, and finding what was lost."""

import random
from functools import partial
from uuid import UUID

from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.errors import Outage
from anb.jobs import moves, store
from anb.jobs.domain import (
    LIVE,
    Claim,
    Drain,
    Event,
    Figures,
    Job,
    JobNotFound,
    JobNotRetriable,
    JobOver,
    JobState,
    Lane,
    Lost,
    NotYourJob,
    Outlook,
    Record,
    retry_delay,
)
from anb.jobs.line import outlook
from anb.logs import logger
from anb.ports import JobQueue, Ports
from anb.settings import Settings

log = logger(__name__)

RESENT_AT_ONCE = 100
# A worker may die for many reasons; one of the job's own is likely only when the next one dies too.
SUSPECT_AFTER = 2


def queue(
    uow: UnitOfWork, ports: Ports, video_id: UUID, owner_id: UUID, lane: Lane, *, spacing: float, delay: float = 0
) -> UUID:
    """Add a job for a video and wake a worker once it is committed; the reconciler does where it is due later.

    Its turn comes `spacing` seconds after that of the owner's last one in the same lane.
    """
    job_id = moves.add(uow, video_id, owner_id, lane, delay=delay, spacing=spacing)
    if not delay:
        uow.after_commit(partial(tell, ports.queue, job_id))
    return job_id


def tell(broker: JobQueue, job_id: UUID) -> bool:
    """Wake a worker. A broker that is down costs only time: the row is the outbox, the reconciler sends it again."""
    try:
        broker.send(job_id)
    except Outage as error:
        log.warning("jobs.tell.failed", job_id=str(job_id), error=repr(error.__cause__ or error))
        return False
    return True


def follow(uow: UnitOfWork, job_id: UUID, caller: UUID, *, organizer: bool) -> Job:
    """Return a job to its owner or an organizer. Raises JobNotFound, NotYourJob."""
    job = store.get(uow, job_id)
    if job is None:
        raise JobNotFound
    if job.owner_id != caller and not organizer:
        raise NotYourJob
    return job


def latest_of(uow: UnitOfWork, video_id: UUID) -> Job | None:
    """Return the newest job of a video."""
    return store.latest_of(uow, video_id)


def claim(uow: UnitOfWork, settings: Settings, worker: str) -> Claim | None:
    """Take the job that comes next; None when there is none, or the operator drains.

    Whoever is woken takes it, whichever job the message named: as many are taken as messages were sent.
    """
    return moves.claim(uow, worker, settings.lease_seconds)


def beat(uow: UnitOfWork, settings: Settings, held: Claim, progress: int) -> bool:
    """Say that the worker lives; False means stop: cancelled, or given to another."""
    return moves.beat(uow, held, progress, settings.lease_seconds)


def finish(uow: UnitOfWork, held: Claim, timings: dict[str, float]) -> bool:
    """End a job well; False when it is not ours any more and nothing may be published."""
    return moves.finish(uow, held, timings)


def fail(uow: UnitOfWork, held: Claim, failure: str) -> bool:
    """End a job for good by the file's fault; False when it is not ours any more."""
    return moves.fail(uow, held, failure)


def retry(uow: UnitOfWork, settings: Settings, held: Claim, failure: str) -> JobState | None:
    """Answer a fault of ours: QUEUED again, later each time, or DEAD when its tries are used up.

    None when it is not ours any more.
    """
    if held.faults + 1 >= settings.job_attempts:
        return JobState.DEAD if moves.bury(uow, held, failure) else None
    delay = retry_delay(held.faults + 1, random.random())  # noqa: S311 - spreads retries, guards nothing
    return JobState.QUEUED if moves.retry(uow, held, failure, delay) else None


def hand_over(uow: UnitOfWork, ports: Ports, held: Claim) -> bool:
    """Give a job back untouched because this worker is told to stop; another begins it at once.

    False when it is not ours any more.
    """
    ours = moves.hand_over(uow, held)
    if ours:
        uow.after_commit(partial(tell, ports.queue, held.job_id))
    return ours


def outlook_of(uow: UnitOfWork, job: Job) -> Outlook:
    """Say how long a job still takes, and its place in line."""
    return outlook(job, store.line(uow, job.id)) if job.state in LIVE else Outlook(None, None)


def cancel(uow: UnitOfWork, job_id: UUID, who: str) -> UUID:
    """Cancel a job and return its video; a worker that has it notices at its next heartbeat. Raises JobOver."""
    video_id = moves.cancel(uow, job_id, who)
    if video_id is None:
        raise JobOver
    return video_id


def cancel_of(uow: UnitOfWork, video_id: UUID, who: str) -> None:
    """Cancel whatever is queued or running for a video."""
    moves.cancel_of(uow, video_id, who)


def show(uow: UnitOfWork, job_id: UUID) -> tuple[Record, list[Event]]:
    """Return all there is to know of a job, and what happened to it. Raises JobNotFound."""
    record = store.record(uow, job_id)
    if record is None:
        raise JobNotFound
    return record, store.timeline(uow, job_id)


def list_all(uow: UnitOfWork, state: JobState | None, page: Page) -> Listed[Record]:
    """Return jobs, newest first, of one state or of all."""
    return store.records(uow, state, page)


def reopen(uow: UnitOfWork, ports: Ports, job_id: UUID, who: str) -> UUID:
    """Queue a failed or dead job for another round, with all its tries, and return its video.

    Raises JobNotFound, JobNotRetriable.
    """
    record, _ = show(uow, job_id)
    video_id = moves.reopen(uow, job_id, who)
    if video_id is None:
        raise JobNotRetriable(state=record.state.value)
    uow.after_commit(partial(tell, ports.queue, job_id))
    return video_id


def figures(uow: UnitOfWork) -> Figures:
    """Say how the line is doing."""
    return store.figures(uow)


def drain(uow: UnitOfWork, who: str | None) -> Drain | None:
    """Let workers take no new job, at somebody's word, or with None let them again; return what holds now."""
    if who is None:
        store.end_drain(uow)
    else:
        store.start_drain(uow, who)
    return store.drain(uow)


def reconcile(uow: UnitOfWork, ports: Ports, settings: Settings) -> list[Lost]:
    """Find what was lost: queued again, or dead when its worker died once too often.

    A worker that died says nothing more: its lease ends. A broker that lost messages has fewer of them than there are
    due jobs: then the oldest are sent again. Sending twice is harmless, since a claim succeeds once.
    """
    if not store.elect(uow):
        return []
    found = moves.take_back_expired(uow, deaths=settings.job_deaths, suspect_after=SUSPECT_AFTER)
    for job in found:
        if job.dead:
            log.error("jobs.lease.buried", job_id=str(job.job_id), attempt=job.attempt)
        else:
            log.warning("jobs.lease.expired", job_id=str(job.job_id), attempt=job.attempt)
            uow.after_commit(partial(tell, ports.queue, job.job_id))
    if store.drain(uow) is None:
        _resend(uow, ports, settings)
    return found


def _resend(uow: UnitOfWork, ports: Ports, settings: Settings) -> None:
    stale = store.unsent(uow, settings.resend_seconds, RESENT_AT_ONCE)
    if not stale:
        return
    try:
        missing = store.count_due(uow) - ports.queue.depth()
    except Outage as error:
        log.warning("jobs.resend.failed", error=repr(error.__cause__ or error))
        return
    again = stale[: max(missing, 0)]
    if again:
        log.info("jobs.resend.sent", jobs=len(again))
        moves.mark_sent(uow, again)
        for job_id in again:
            uow.after_commit(partial(tell, ports.queue, job_id))
