"""The organizers' pages of jobs: the queue, one job with its timeline, retry, cancel, and the drain."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from anb.audit.domain import AuditActor
from anb.db.session import UnitOfWork
from anb.errors import Refusal
from anb.jobs import service as jobs
from anb.jobs.domain import JobState
from anb.operators import service
from anb.pages.forms import FromOurPages, Typed
from anb.pages.lists import Cursor, next_part, part_after
from anb.pages.organizer import OrganizerDep, console
from anb.pages.organizer_acts import Question, ask_again, reason_of
from anb.pages.organizer_acts import ask as ask_first
from anb.pages.view import ViewDep, with_query
from anb.ports import Ports
from anb.web.deps import DatabaseDep, PortsDep, UowDep

HERE = "/organizer/jobs"
PART = "jobs"
ROWS = 30
JobAct = Literal["retry", "cancel"]

router = APIRouter(prefix=HERE, include_in_schema=False)
Short = Annotated[str, Query(max_length=300)]


@router.api_route("", methods=["GET", "HEAD"])
def list_jobs(
    view: ViewDep, _: OrganizerDep, uow: UowDep, state: Short = "", cursor: Cursor = "", done: str = ""
) -> Response:
    """List jobs, newest first, with the state of the queue."""
    chosen = JobState(state) if state in set(JobState) else None
    found = jobs.list_all(uow, chosen, part_after(cursor, ROWS))
    return console(
        view,
        "organizer_jobs.html",
        PART,
        jobs=found.rows,
        total=found.total or 0,
        queue=jobs.figures(uow),
        states=list(JobState),
        chosen=chosen or "",
        onward=next_part(HERE, found, state=state),
        done=done if done in {"drain", "end"} else "",
    )


@router.api_route("/drain", methods=["GET", "HEAD"])
def ask_drain(view: ViewDep, _: OrganizerDep, uow: UowDep) -> Response:
    """Say what a drain, or its end, means."""
    figures = jobs.figures(uow)
    act = "drain_end" if figures.drained else "drain"
    numbers = [("running", figures.running), ("due", figures.due)]
    hidden = {"act": "end" if figures.drained else "drain"}
    question = Question(
        act, f"{HERE}/drain", HERE, numbers=numbers, fields=["why"], hidden=hidden, harmless=figures.drained
    )
    return ask_first(view, PART, question)


@router.post("/drain", dependencies=[FromOurPages])
def drain(view: ViewDep, by: OrganizerDep, database: DatabaseDep, form: Typed) -> Response:
    """Let workers take no new job, or take jobs again."""
    ends = form.get("act") == "end"
    with database.transaction() as uow:
        (service.end_drain if ends else service.start_drain)(uow, by, reason_of(form))
    return view.go(with_query(HERE, done="end" if ends else "drain"))


@router.api_route("/{job_id}", methods=["GET", "HEAD"])
def show(view: ViewDep, _: OrganizerDep, uow: UowDep, job_id: UUID, done: str = "") -> Response:
    """Show a job and its timeline. Raises JobNotFound."""
    found = service.show_job(uow, job_id)
    done = done if done in {"retry", "cancel"} else ""
    return console(view, "organizer_job.html", PART, job=found.job, events=found.events, done=done)


@router.api_route("/{job_id}/{act}", methods=["GET", "HEAD"])
def ask(view: ViewDep, _: OrganizerDep, uow: UowDep, job_id: UUID, act: JobAct) -> Response:
    """Say what an act on a job means. Raises JobNotFound."""
    return ask_first(view, PART, _question(uow, job_id, act))


@router.post("/{job_id}/{act}", dependencies=[FromOurPages])
def do(
    view: ViewDep, by: OrganizerDep, database: DatabaseDep, ports: PortsDep, form: Typed, job_id: UUID, act: JobAct
) -> Response:
    """Retry or cancel a job. Raises JobNotFound."""
    try:
        with database.transaction() as uow:
            _do(uow, ports, by, job_id, act, form)
    except Refusal as error:
        return ask_again(view, PART, database, partial(_question, job_id=job_id, act=act), form, error)
    return view.go(with_query(f"{HERE}/{job_id}", done=act))


def _do(uow: UnitOfWork, ports: Ports, by: AuditActor, job_id: UUID, act: str, form: Mapping[str, str]) -> None:
    if act == "retry":
        service.retry_job(uow, ports, job_id, by, reason_of(form))
    else:
        service.cancel_job(uow, job_id, by, reason_of(form))


def _question(uow: UnitOfWork, job_id: UUID, act: str) -> Question:
    job = service.show_job(uow, job_id).job
    place = f"{HERE}/{job_id}"
    return Question(
        f"job_{act}",
        f"{place}/{act}",
        place,
        numbers=[("tries", job.tries)],
        fields=["why"],
        harmless=act == "retry",
    )
