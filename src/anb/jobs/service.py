"""The operations on a job: queue, claim, heartbeat, finish, fail, hand over, and rescue."""

import random
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from anb.db.paging import Listed, Page
from anb.db.session import Database, UnitOfWork
from anb.errors import Outage
from anb.jobs import edit_days, store, transitions
from anb.jobs.domain import (
    LIVE,
    Claim,
    Drain,
    Figures,
    Job,
    JobNotFound,
    JobNotRetriable,
    JobOver,
    JobState,
    JobStatus,
    Lane,
    Lost,
    NotYourJob,
    Outlook,
    Record,
    Spacing,
    TimelineEntry,
    retry_delay,
)
from anb.jobs.queue_position import outlook
from anb.logs import logger
from anb.ports import JobQueue, Ports
from anb.settings import Settings

log = logger(__name__)
list_edit_days = edit_days.list_days

RESENT_AT_ONCE = 100
# A worker may die for many reasons; the job itself is a likely one only when a second worker dies as well.
SUSPECT_AFTER = 2


def queue(
    uow: UnitOfWork, ports: Ports, video_id: UUID, owner_id: UUID, lane: Lane, turns: Spacing, *, delay: float = 0
) -> UUID:
    """Add a job for a video and wake a worker after the commit; the reconciler does this for a job that is due later.

    The job is spaced from the owner's last one in the same lane, and moved back further the more jobs from the same
    network are waiting.
    """
    job_id = transitions.add(uow, video_id, owner_id, lane, turns, delay=delay)
    if not delay:
        uow.after_commit(partial(tell, ports.queue, job_id))
    return job_id


def tell(broker: JobQueue, job_id: UUID) -> bool:
    """Wake a worker. While the broker is down the row is the outbox, and the reconciler sends it again."""
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


def statuses(uow: UnitOfWork, job_ids: Sequence[UUID]) -> list[JobStatus]:
    """Return the statuses of those of these jobs that exist."""
    return store.statuses(uow, job_ids)


def count_since(uow: UnitOfWork, owner_id: UUID, seconds: float) -> int:
    """Count the clips that a player sent within the last `seconds`, including deleted ones."""
    return store.count_since(uow, owner_id, seconds)


def list_videos_at_work(uow: UnitOfWork) -> set[UUID]:
    """Return the videos that have an unfinished job."""
    return store.list_videos_at_work(uow)


def latest_of(uow: UnitOfWork, video_id: UUID) -> Job | None:
    """Return the newest job of a video."""
    return store.latest_of(uow, video_id)


def claim(uow: UnitOfWork, settings: Settings, worker: str) -> Claim | None:
    """Claim the job that comes next; None when no job is due, or the operator drains.

    The worker that wakes claims it, whichever job the message named: there are as many messages as jobs.
    """
    return transitions.claim(uow, worker, settings.lease_seconds)


def beat(uow: UnitOfWork, settings: Settings, held: Claim, progress: int) -> bool:
    """Renew the lease; False means stop: the job was cancelled, or another worker has it."""
    return transitions.beat(uow, held, progress, settings.lease_seconds)


def finish(uow: UnitOfWork, held: Claim, timings: dict[str, float]) -> bool:
    """End a job as done; False when it is no longer ours and nothing may be published."""
    return transitions.finish(uow, held, timings)


def fail(uow: UnitOfWork, held: Claim, failure: str) -> bool:
    """End a job for good because the file is at fault; False when it is no longer ours."""
    return transitions.fail(uow, held, failure)


def retry(uow: UnitOfWork, settings: Settings, held: Claim, failure: str) -> JobState | None:
    """Handle a platform failure: return QUEUED with a growing delay, or DEAD when all attempts are used up.

    None when the job is no longer ours.
    """
    if held.faults + 1 >= settings.job_attempts:
        return JobState.DEAD if transitions.discard(uow, held, failure) else None
    delay = retry_delay(held.faults + 1, random.random())  # noqa: S311 - spreads retries, guards nothing
    return JobState.QUEUED if transitions.retry(uow, held, failure, delay) else None


def hand_over(uow: UnitOfWork, ports: Ports, held: Claim) -> bool:
    """Return a job to the queue because this worker is told to stop; another worker starts it at once.

    False when it is no longer ours.
    """
    ours = transitions.hand_over(uow, held)
    if ours:
        uow.after_commit(partial(tell, ports.queue, held.job_id))
    return ours


def outlook_of(uow: UnitOfWork, job: Job) -> Outlook:
    """Estimate how long a job still takes, and its position in the queue."""
    return outlook(job, store.line(uow, job.id)) if job.state in LIVE else Outlook(None, None)


def cancel(uow: UnitOfWork, job_id: UUID, who: str) -> UUID:
    """Cancel a job and return its video; the worker that has it notices at its next heartbeat. Raises JobOver."""
    video_id = transitions.cancel(uow, job_id, who)
    if video_id is None:
        raise JobOver
    return video_id


def cancel_of(uow: UnitOfWork, video_id: UUID, who: str) -> None:
    """Cancel the unfinished job of a video."""
    transitions.cancel_of(uow, video_id, who)


def show(uow: UnitOfWork, job_id: UUID) -> tuple[Record, list[TimelineEntry]]:
    """Return a job with all its details, and its timeline. Raises JobNotFound."""
    record = store.record(uow, job_id)
    if record is None:
        raise JobNotFound
    return record, store.timeline(uow, job_id)


def list_all(uow: UnitOfWork, state: JobState | None, page: Page) -> Listed[Record]:
    """Return jobs, newest first, of one state or of all."""
    return store.records(uow, state, page)


def reopen(uow: UnitOfWork, ports: Ports, job_id: UUID, who: str) -> UUID:
    """Queue a failed or dead job for another round, with all its attempts, and return its video.

    Raises JobNotFound, JobNotRetriable.
    """
    record, _ = show(uow, job_id)
    video_id = transitions.reopen(uow, job_id, who)
    if video_id is None:
        raise JobNotRetriable(state=record.state.value)
    uow.after_commit(partial(tell, ports.queue, job_id))
    return video_id


def figures(uow: UnitOfWork) -> Figures:
    """Return figures about the queue."""
    return store.figures(uow)


def drain(uow: UnitOfWork, who: str | None) -> Drain | None:
    """Start a drain by the order of `who`, or end it with None; return the drain that now holds."""
    if who is None:
        store.end_drain(uow)
    else:
        store.start_drain(uow, who)
    return store.drain(uow)


def reconcile(uow: UnitOfWork, ports: Ports, settings: Settings) -> list[Lost]:
    """Rescue jobs whose lease has expired: queued again, or dead when their workers died too often.

    A worker that died sends nothing more, so its lease expires.
    """
    if not store.elect(uow):
        return []
    found = transitions.rescue_expired(uow, deaths=settings.job_deaths, suspect_after=SUSPECT_AFTER)
    for job in found:
        if job.dead:
            log.error("jobs.lease.discarded", job_id=str(job.job_id), attempt=job.attempt)
        else:
            log.warning("jobs.lease.expired", job_id=str(job.job_id), attempt=job.attempt)
            uow.after_commit(partial(tell, ports.queue, job.job_id))
    return found


def resend(database: Database, ports: Ports, settings: Settings) -> None:
    """Send the oldest due jobs again if the broker has lost messages, that is, has fewer messages than due jobs.

    Sending twice is harmless, since a claim succeeds once. The broker is asked outside any transaction.
    """
    with database.reading() as uow:
        if store.drain(uow) is not None or not store.unsent(uow, settings.resend_seconds, 1):
            return
        due = store.count_due(uow)
    try:
        missing = due - ports.queue.depth()
    except Outage as error:
        log.warning("jobs.resend.failed", error=repr(error.__cause__ or error))
        return
    if missing > 0:
        with database.transaction() as uow:
            _send_again(uow, ports, settings, missing)


def _send_again(uow: UnitOfWork, ports: Ports, settings: Settings, missing: int) -> None:
    """Send `missing` messages again, unless another reconciler is doing so right now."""
    again = store.unsent(uow, settings.resend_seconds, min(missing, RESENT_AT_ONCE)) if store.elect(uow) else []
    if again:
        log.info("jobs.resend.sent", jobs=len(again))
        transitions.mark_sent(uow, again)
        for job_id in again:
            uow.after_commit(partial(tell, ports.queue, job_id))
