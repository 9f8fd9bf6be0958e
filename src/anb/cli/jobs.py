"""The `anb jobs` commands: operators inspect and change jobs with them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from pydantic import BaseModel, TypeAdapter
from rich.markup import escape
from rich.table import Table

from anb.cli.acting import Reason, operator
from anb.cli.console import console
from anb.cli.database import transaction
from anb.db.paging import Page
from anb.jobs import service as jobs
from anb.jobs.domain import JobState
from anb.operators import service
from anb.operators.schemas import JobListed, JobShown, drain_shown, job_listed, job_shown, line_shown
from anb.settings import of_here

commands = typer.Typer(no_args_is_help=True, help="Inspect, retry, cancel and drain jobs.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows, newest first.")]
State = Annotated[JobState | None, typer.Option(help="Only jobs in this state.")]
ROWS = TypeAdapter(list[JobListed])


@commands.command("list")
def list_jobs(state: State = None, limit: Limit = 20, json: Json = False) -> None:
    """List jobs, newest first, and summarize the queue."""
    with transaction() as uow:
        found = jobs.list_all(uow, state, Page(limit=limit))
        line = line_shown(jobs.figures(uow))
    rows = [job_listed(job) for job in found.rows]
    if json:
        typer.echo(ROWS.dump_json(rows, indent=2))
        return
    console.print(_table(rows))
    drained = "; drained" if line.drained else ""
    console.print(
        f"{len(rows)} of {found.total}. Due {line.due}, running {line.running}, held {line.held}, dead {line.dead}"
        f"{drained}. "
        f"Oldest waits {_seconds(line.waiting_seconds)}, last begun {_seconds(line.last_begun_seconds)} ago.",
        soft_wrap=True,
    )


@commands.command()
def dead(limit: Limit = 20, json: Json = False) -> None:
    """List the dead letters: jobs that used up their attempts by platform failures, or killed their workers."""
    list_jobs(JobState.DEAD, limit, json)


@commands.command()
def show(job_id: UUID, json: Json = False) -> None:
    """Show a job and its timeline: when, what, which attempt, which worker, who, and why."""
    with transaction() as uow:
        job = job_shown(*service.show_job(uow, job_id))
    _say(job, json=json)


@commands.command()
def retry(job_id: UUID, reason: Reason = "", json: Json = False) -> None:
    """Queue a failed or dead job again, with all its attempts."""
    from anb import bootstrap  # noqa: PLC0415 - celery costs every other command a third of a second

    settings = of_here()
    with transaction(settings) as uow:
        job = job_shown(*service.retry_job(uow, bootstrap.build_ports(settings), job_id, operator(), reason))
    _say(job, json=json)


@commands.command()
def cancel(job_id: UUID, reason: Reason = "", json: Json = False) -> None:
    """Stop a job; its owner reads that the edit was cancelled."""
    with transaction() as uow:
        job = job_shown(*service.cancel_job(uow, job_id, operator(), reason))
    _say(job, json=json)


@commands.command()
def drain(
    off: Annotated[bool, typer.Option("--off", help="Let workers take jobs again.")] = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Let workers take no new job; running jobs finish. Uploads continue, and wait."""
    with transaction() as uow:
        shown = drain_shown((service.end_drain if off else service.start_drain)(uow, operator(), reason))
        line = jobs.figures(uow)
    if json:
        typer.echo(shown.model_dump_json(indent=2))
    elif shown.since is None:
        console.print("Workers take jobs.")
    else:
        told = f"Drained since {_time(shown.since)} by {shown.who}: workers take no new job"
        console.print(f"{told}, {line.running} under way.", highlight=False, soft_wrap=True)


def _say(job: JobShown, *, json: bool) -> None:
    if json:
        typer.echo(job.model_dump_json(indent=2))
        return
    facts = Table(show_header=False, box=None)
    for name, value in job:
        if name != "events" and value not in (None, {}):
            facts.add_row(name, escape(_cell(value)))
    console.print(facts)
    table = Table("at", "what", "attempt", "worker", "who", "detail")
    for event in job.events:
        table.add_row(*_cells(event, "at", "what", "attempt", "worker", "who", "detail"))
    console.print(table)


def _table(rows: list[JobListed]) -> Table:
    names = ("id", "state", "lane", "attempt", "faults", "deaths", "progress", "created_at", "worker", "failure")
    table = Table(*names)
    for name, column in zip(names, table.columns, strict=True):
        column.no_wrap = name in ("id", "state", "progress")  # columns that a narrow terminal shows whole
    for row in rows:
        *cells, failure = _cells(row, *names)
        table.add_row(*cells, failure.splitlines()[0][:60] if failure else "")
    return table


def _cells(row: BaseModel, *names: str) -> list[str]:
    return [escape(_cell(getattr(row, name))) for name in names]


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return _time(value)
    return "" if value is None else str(value)


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} s"
