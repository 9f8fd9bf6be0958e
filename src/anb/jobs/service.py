"""The verbs of a job: queue, claim, heartbeat, finish, fail, give back, and finding what was lost."""

from functools import partial
from uuid import UUID

from anb.db.session import UnitOfWork
from anb.errors import Outage
from anb.jobs import store
from anb.jobs.domain import (
    LIVE,
    Claim,
    Job,
    JobNotFound,
    JobOver,
    Lost,
    NotYourJob,
    Outlook,
    outlook,
    retry_delay,
)
from anb.logs import logger
from anb.ports import JobQueue, Ports
from anb.settings import Settings

log = logger(__name__)

RESENT_AT_ONCE = 100


def queue(uow: UnitOfWork, ports: Ports, video_id: UUID, owner_id: UUID, *, delay: float = 0) -> UUID:
    """Add a job for a video and tell a worker once it is committed; the reconciler does where it is due later."""
    job_id = store.add(uow, video_id, owner_id, delay)
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


def claim(uow: UnitOfWork, settings: Settings, job_id: UUID, worker: str) -> Claim | None:
    """Take a job; None when somebody has it, it is over, or it is not due yet: then there is nothing to do."""
    return store.claim(uow, job_id, worker, settings.lease_seconds)


def beat(uow: UnitOfWork, settings: Settings, held: Claim, progress: int) -> bool:
    """Say that the worker lives; False means stop: cancelled, or given to another."""
    return store.beat(uow, held, progress, settings.lease_seconds)


def finish(uow: UnitOfWork, held: Claim, timings: dict[str, float]) -> bool:
    """End a job well; False when it is not ours any more and nothing may be published."""
    return store.finish(uow, held, timings)


def fail(uow: UnitOfWork, held: Claim, failure: str) -> bool:
    """End a job for good without a result; False when it is not ours any more."""
    return store.fail(uow, held, failure)


def retry(uow: UnitOfWork, settings: Settings, held: Claim, failure: str) -> bool:
    """Queue a job again after a fault of ours, later each time; False when its tries are used up."""
    if held.attempt >= settings.job_attempts:
        return False
    store.give_back(uow, held, delay=retry_delay(held.attempt), failure=failure, refund=False)
    return True


def hand_over(uow: UnitOfWork, ports: Ports, held: Claim) -> bool:
    """Give a job back untouched because this worker is told to stop; another begins it at once.

    False when it is not ours any more.
    """
    ours = store.give_back(uow, held, delay=0, failure=None, refund=True)
    if ours:
        uow.after_commit(partial(tell, ports.queue, held.job_id))
    return ours


def outlook_of(uow: UnitOfWork, job: Job) -> Outlook:
    """Say how long a job still takes, and its place in line."""
    return outlook(job, store.line(uow, job.id)) if job.state in LIVE else Outlook(None, None)


def cancel(uow: UnitOfWork, job: Job) -> UUID:
    """Cancel a job and return its video; a worker that has it notices at its next heartbeat. Raises JobOver."""
    video_id = store.cancel(uow, job.id)
    if video_id is None:
        raise JobOver
    return video_id


def cancel_of(uow: UnitOfWork, video_id: UUID) -> None:
    """Cancel whatever is queued or running for a video."""
    store.cancel_of(uow, video_id)


def reconcile(uow: UnitOfWork, ports: Ports, settings: Settings) -> tuple[list[Lost], list[Lost]]:
    """Find what was lost; return the jobs that are queued again, and those whose tries are used up (failed).

    A worker that died says nothing more: its lease ends. A broker that lost messages has fewer of them than there are
    due jobs: then the oldest are sent again. Sending twice is harmless, since a claim succeeds once.
    """
    if not store.elect(uow):
        return [], []
    lost = store.take_back_expired(uow)
    dead = [job for job in lost if job.attempt >= settings.job_attempts]
    again = [job for job in lost if job.attempt < settings.job_attempts]
    for job in dead:
        log.error("jobs.lease.buried", job_id=str(job.job_id), attempt=job.attempt)
        store.bury(uow, job.job_id, f"The worker died in each of {job.attempt} tries.")
    for job in again:
        log.warning("jobs.lease.expired", job_id=str(job.job_id), attempt=job.attempt)
        uow.after_commit(partial(tell, ports.queue, job.job_id))
    _resend(uow, ports, settings)
    return again, dead


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
        log.warning("jobs.resend.sent", jobs=len(again))
        store.mark_sent(uow, again)
        for job_id in again:
            uow.after_commit(partial(tell, ports.queue, job_id))
