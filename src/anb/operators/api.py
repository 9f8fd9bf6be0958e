"""The HTTP endpoints for operators, open to organizers only: jobs, the queue and its drain."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from anb.accounts import service as accounts
from anb.accounts.acting import ActorDep
from anb.accounts.domain import OrganizersOnly, auditor
from anb.audit.domain import AuditActor
from anb.db.paging import InvalidPage
from anb.factors.domain import SecondFactorNeeded
from anb.jobs import service as jobs
from anb.jobs.domain import JobNotFound, JobNotRetriable, JobOver, JobState
from anb.operators import service
from anb.operators.health import HealthChecks
from anb.operators.schemas import (
    Backlog,
    DrainShown,
    JobListed,
    JobShown,
    LineShown,
    drain_shown,
    job_listed,
    job_shown,
    line_shown,
)
from anb.web.deps import PortsDep, UowDep
from anb.web.paging import PageDep, announce
from anb.web.problems import refusals

router = APIRouter(prefix="/api/admin", tags=["operators"])


def organizer(actor: ActorDep, uow: UowDep) -> AuditActor:
    """Return the calling organizer. Raises NotSignedIn, OrganizersOnly, SecondFactorNeeded."""
    account = accounts.organizer(uow, actor)
    return auditor(account)


Organizer = Annotated[AuditActor, Depends(organizer, scope="function")]
State = Annotated[JobState | None, Query(description="Only jobs in this state.")]


@router.get("/jobs", responses=refusals(OrganizersOnly, SecondFactorNeeded, InvalidPage))
def list_jobs(
    request: Request, response: Response, _: Organizer, uow: UowDep, page: PageDep, state: State = None
) -> list[JobListed]:
    """List jobs, newest first."""
    found = jobs.list_all(uow, state, page)
    announce(request, response, found)
    return [job_listed(job) for job in found.rows]


@router.get("/jobs/{job_id}", responses=refusals(OrganizersOnly, SecondFactorNeeded, JobNotFound))
def show_job(job_id: UUID, _: Organizer, uow: UowDep) -> JobShown:
    """Show a job and its timeline."""
    return job_shown(*service.show_job(uow, job_id))


@router.post(
    "/jobs/{job_id}/retry", responses=refusals(OrganizersOnly, SecondFactorNeeded, JobNotFound, JobNotRetriable)
)
def retry_job(job_id: UUID, by: Organizer, uow: UowDep, ports: PortsDep) -> JobShown:
    """Queue a failed or dead job again, with all its attempts."""
    return job_shown(*service.retry_job(uow, ports, job_id, by))


@router.post("/jobs/{job_id}/cancel", responses=refusals(OrganizersOnly, SecondFactorNeeded, JobNotFound, JobOver))
def cancel_any_job(job_id: UUID, by: Organizer, uow: UowDep) -> JobShown:
    """Cancel a job."""
    return job_shown(*service.cancel_job(uow, job_id, by))


@router.get("/line", responses=refusals(OrganizersOnly, SecondFactorNeeded))
def show_line(_: Organizer, uow: UowDep) -> LineShown:
    """Show the state of the queue."""
    return line_shown(jobs.figures(uow))


@router.get("/backlog", responses=refusals(OrganizersOnly, SecondFactorNeeded))
def show_backlog(request: Request, _: Organizer, uow: UowDep) -> Backlog:
    """Show what waits: jobs, mails, erasures of accounts, the nightly removal of old data, votes and results."""
    checks: HealthChecks = request.app.state.health
    return checks.backlog(uow)


@router.put("/drain", responses=refusals(OrganizersOnly, SecondFactorNeeded))
def start_drain(by: Organizer, uow: UowDep) -> DrainShown:
    """Let workers take no new job; running jobs finish."""
    return drain_shown(service.start_drain(uow, by))


@router.delete("/drain", responses=refusals(OrganizersOnly, SecondFactorNeeded))
def end_drain(by: Organizer, uow: UowDep) -> DrainShown:
    """Let workers take jobs again."""
    return drain_shown(service.end_drain(uow, by))
