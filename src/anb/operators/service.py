"""The operations of an operator: show a job, retry it, cancel it, drain."""

from functools import partial
from typing import NamedTuple
from uuid import UUID

from anb.db.session import UnitOfWork
from anb.jobs import service as jobs
from anb.jobs.domain import Drain, Record, TimelineEntry
from anb.logs import record
from anb.ports import Ports
from anb.videos import service as videos


class Operator(NamedTuple):
    """The person who acts: an organizer, or a user at a host's shell, who needs no account."""

    name: str
    account_id: UUID | None = None


class JobDetails(NamedTuple):
    """A job with all its details."""

    job: Record
    events: list[TimelineEntry]
    same_as: UUID | None  # the owner's earlier video with the same file


def show_job(uow: UnitOfWork, job_id: UUID) -> JobDetails:
    """Return a job, its timeline, and the earlier video with the same file. Raises JobNotFound."""
    job, events = jobs.show(uow, job_id)
    return JobDetails(job, events, videos.find_earlier(uow, job.video_id) if job.video_id else None)


def retry_job(uow: UnitOfWork, ports: Ports, job_id: UUID, by: Operator) -> JobDetails:
    """Queue a failed or dead job again, with all its attempts. Raises JobNotFound, JobNotRetriable."""
    videos.try_again(uow, ports, job_id, by.name)
    _record(uow, "operators.job.retried", by, job_id=job_id)
    return show_job(uow, job_id)


def cancel_job(uow: UnitOfWork, job_id: UUID, by: Operator) -> JobDetails:
    """Stop a job; its owner reads that the edit was cancelled. Raises JobNotFound, JobOver."""
    job, _ = jobs.show(uow, job_id)
    videos.stop(uow, job, by.name)
    _record(uow, "operators.job.cancelled", by, job_id=job_id)
    return show_job(uow, job_id)


def start_drain(uow: UnitOfWork, by: Operator) -> Drain | None:
    """Let workers take no new job; running jobs finish. Returns the drain that holds now, maybe an earlier one."""
    _record(uow, "operators.drain.started", by)
    return jobs.drain(uow, by.name)


def end_drain(uow: UnitOfWork, by: Operator) -> Drain | None:
    """Let workers take jobs again."""
    _record(uow, "operators.drain.ended", by)
    return jobs.drain(uow, None)


def _record(uow: UnitOfWork, event: str, by: Operator, **ids: UUID) -> None:
    uow.after_commit(partial(record, event, account_id=by.account_id, **ids))
