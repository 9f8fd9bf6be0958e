"""The HTTP door of operators: jobs, the line and its drain, for organizers alone."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from anb.accounts import service as accounts
from anb.accounts.domain import Account, OrganizersOnly
from anb.db.paging import InvalidPage
from anb.jobs.domain import JobNotFound, JobNotRetriable, JobOver, JobState
from anb.operators import service
from anb.operators.schemas import (
    DrainShown,
    JobListed,
    JobShown,
    LineShown,
    drain_shown,
    job_listed,
    job_shown,
    line_shown,
)
from anb.web.deps import CallerId, PortsDep, UowDep
from anb.web.paging import PageDep, announce
from anb.web.problems import refusals

router = APIRouter(prefix="/api/admin", tags=["operators"])


def organizer(caller: CallerId, uow: UowDep) -> Account:
    """Let organizers pass. Raises NotSignedIn, OrganizersOnly."""
    return accounts.organizer(uow, caller)


Organizer = Annotated[Account, Depends(organizer, scope="function")]
State = Annotated[JobState | None, Query(description="Only jobs in this state.")]


@router.get("/jobs", responses=refusals(OrganizersOnly, InvalidPage))
def list_jobs(
    request: Request, response: Response, _: Organizer, uow: UowDep, page: PageDep, state: State = None
) -> list[JobListed]:
    """List jobs, newest first."""
    found = service.list_jobs(uow, state, page)
    announce(request, response, found)
    return [job_listed(job) for job in found.rows]


@router.get("/jobs/{job_id}", responses=refusals(OrganizersOnly, JobNotFound))
def show_job(job_id: UUID, _: Organizer, uow: UowDep) -> JobShown:
    """Show a job and what happened to it."""
    return job_shown(*service.show_job(uow, job_id))


@router.post("/jobs/{job_id}/retry", responses=refusals(OrganizersOnly, JobNotFound, JobNotRetriable))
def retry_job(job_id: UUID, by: Organizer, uow: UowDep, ports: PortsDep) -> JobShown:
    """Queue a failed or dead job anew, with all its tries."""
    return job_shown(*service.retry_job(uow, ports, job_id, by.username))


@router.post("/jobs/{job_id}/cancel", responses=refusals(OrganizersOnly, JobNotFound, JobOver))
def cancel_job(job_id: UUID, by: Organizer, uow: UowDep) -> JobShown:
    """Stop a job."""
    return job_shown(*service.cancel_job(uow, job_id, by.username))


@router.get("/line", responses=refusals(OrganizersOnly))
def show_line(_: Organizer, uow: UowDep) -> LineShown:
    """Say how the line is doing."""
    return line_shown(service.line(uow))


@router.put("/drain", responses=refusals(OrganizersOnly))
def start_drain(by: Organizer, uow: UowDep) -> DrainShown:
    """Let workers take no new job; what is under way ends."""
    return drain_shown(service.drain(uow, by.username))


@router.delete("/drain", responses=refusals(OrganizersOnly))
def end_drain(_: Organizer, uow: UowDep) -> DrainShown:
    """Let workers take jobs again."""
    return drain_shown(service.drain(uow, None))
