"""The operations of an operator: show a job, retry it, cancel it, drain."""

from functools import partial
from typing import NamedTuple
from uuid import UUID

from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget, TargetKind
from anb.db.session import UnitOfWork
from anb.jobs import service as jobs
from anb.jobs.domain import Drain, Record, TimelineEntry
from anb.logs import record
from anb.ports import Ports
from anb.videos import service as videos


class JobDetails(NamedTuple):
    """A job with all its details."""

    job: Record
    events: list[TimelineEntry]
    same_as: UUID | None  # the owner's earlier video with the same file


def show_job(uow: UnitOfWork, job_id: UUID) -> JobDetails:
    """Return a job, its timeline, and the earlier video with the same file. Raises JobNotFound."""
    job, events = jobs.show(uow, job_id)
    return JobDetails(job, events, videos.find_earlier(uow, job.video_id) if job.video_id else None)


def retry_job(uow: UnitOfWork, ports: Ports, job_id: UUID, by: AuditActor, reason: str = "") -> JobDetails:
    """Queue a failed or dead job again, with all its attempts. Raises JobNotFound, JobNotRetriable."""
    videos.try_again(uow, ports, job_id, by.name)
    shown = show_job(uow, job_id)
    _record(uow, "operators.job.retried", by, job_id=job_id)
    audit.record(uow, by, Act.JOB_RETRIED, _target(shown.job), reason)
    return shown


def cancel_job(uow: UnitOfWork, job_id: UUID, by: AuditActor, reason: str = "") -> JobDetails:
    """Stop a job; its owner reads that the edit was cancelled. Raises JobNotFound, JobOver."""
    job, _ = jobs.show(uow, job_id)
    videos.stop(uow, job, by.name)
    _record(uow, "operators.job.cancelled", by, job_id=job_id)
    audit.record(uow, by, Act.JOB_CANCELLED, _target(job), reason)
    return show_job(uow, job_id)


def start_drain(uow: UnitOfWork, by: AuditActor, reason: str = "") -> Drain | None:
    """Let workers take no new job; running jobs finish. Returns the drain that holds now, maybe an earlier one."""
    _record(uow, "operators.drain.started", by)
    audit.record(uow, by, Act.DRAIN_STARTED, AuditTarget(TargetKind.QUEUE), reason)
    return jobs.drain(uow, by.name)


def end_drain(uow: UnitOfWork, by: AuditActor, reason: str = "") -> Drain | None:
    """Let workers take jobs again."""
    _record(uow, "operators.drain.ended", by)
    audit.record(uow, by, Act.DRAIN_ENDED, AuditTarget(TargetKind.QUEUE), reason)
    return jobs.drain(uow, None)


def _target(job: Record) -> AuditTarget:
    return AuditTarget(TargetKind.JOB, str(job.id), job.owner_id)


def _record(uow: UnitOfWork, event: str, by: AuditActor, **ids: UUID) -> None:
    uow.after_commit(partial(record, event, account_id=by.account_id, **ids))
