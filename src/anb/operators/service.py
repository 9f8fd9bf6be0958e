"""The verbs of an operator: see how the line is doing, look at jobs, try again, cancel, drain."""

from uuid import UUID

from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.jobs import service as jobs
from anb.jobs.domain import Drain, Event, Figures, JobState, Record
from anb.ports import Ports
from anb.videos import service as videos


def line(uow: UnitOfWork) -> Figures:
    """Say how the line is doing: "oldest queued against last started"."""
    return jobs.figures(uow)


def list_jobs(uow: UnitOfWork, state: JobState | None, page: Page) -> Listed[Record]:
    """Return jobs, newest first, of one state or of all."""
    return jobs.list_all(uow, state, page)


def show_job(uow: UnitOfWork, job_id: UUID) -> tuple[Record, list[Event]]:
    """Return a job and its timeline. Raises JobNotFound."""
    return jobs.show(uow, job_id)


def retry_job(uow: UnitOfWork, ports: Ports, job_id: UUID, who: str) -> tuple[Record, list[Event]]:
    """Queue a failed or dead job anew, with all its tries. Raises JobNotFound, JobNotRetriable."""
    videos.try_again(uow, ports, job_id, who)
    return jobs.show(uow, job_id)


def cancel_job(uow: UnitOfWork, job_id: UUID, who: str) -> tuple[Record, list[Event]]:
    """Stop a job; its owner reads that the edit was cancelled. Raises JobNotFound, JobOver."""
    job, _ = jobs.show(uow, job_id)
    videos.stop(uow, job, who)
    return jobs.show(uow, job_id)


def drain(uow: UnitOfWork, who: str | None) -> Drain | None:
    """Let workers take no new job (what is under way ends), or with None let them again; return what holds now."""
    return jobs.drain(uow, who)
