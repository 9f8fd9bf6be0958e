"""The `anb jobs` commands: what operators see of jobs, and do to them."""

import getpass
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from pydantic import BaseModel, TypeAdapter
from rich.markup import escape
from rich.table import Table

from anb.cli_console import console
from anb.db.paging import Page
from anb.db.session import UnitOfWork, connect
from anb.jobs.domain import JobState
from anb.operators import service
from anb.operators.schemas import JobListed, JobShown, drain_shown, job_listed, job_shown, line_shown
from anb.settings import Settings, of_here

jobs = typer.Typer(no_args_is_help=True, help="The jobs that there are, and what becomes of them.")

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="Rows at most, newest first.")]
State = Annotated[JobState | None, typer.Option(help="Only those in this state.")]
ROWS = TypeAdapter(list[JobListed])


@jobs.command("list")
def list_jobs(state: State = None, limit: Limit = 20, json: Json = False) -> None:
    """List jobs, newest first, and say how the line is doing."""
    with _unit_of_work(of_here()) as uow:
        found = service.list_jobs(uow, state, Page(limit=limit))
        line = line_shown(service.line(uow))
    rows = [job_listed(job) for job in found.rows]
    if json:
        typer.echo(ROWS.dump_json(rows, indent=2))
        return
    console.print(_table(rows))
    drained = "; drained" if line.drained else ""
    console.print(
        f"{len(rows)} of {found.total}. Due {line.due}, running {line.running}, dead {line.dead}{drained}. "
        f"Oldest waits {_seconds(line.waiting_seconds)}, last begun {_seconds(line.last_begun_seconds)} ago.",
        soft_wrap=True,
    )


@jobs.command()
def dead(limit: Limit = 20, json: Json = False) -> None:
    """List the dead letters: jobs that used up their tries by a fault of ours, or killed their workers."""
    list_jobs(JobState.DEAD, limit, json)


@jobs.command()
def show(job_id: UUID, json: Json = False) -> None:
    """Show a job and its timeline: when, what, which attempt, which worker, who, and why."""
    with _unit_of_work(of_here()) as uow:
        job = job_shown(*service.show_job(uow, job_id))
    _say(job, json=json)


@jobs.command()
def retry(job_id: UUID, json: Json = False) -> None:
    """Queue a failed or dead job anew, with all its tries."""
    from anb import bootstrap  # noqa: PLC0415 - celery costs every other command a third of a second

    settings = of_here()
    with _unit_of_work(settings) as uow:
        job = job_shown(*service.retry_job(uow, bootstrap.build_ports(settings), job_id, _who()))
    _say(job, json=json)


@jobs.command()
def cancel(job_id: UUID, json: Json = False) -> None:
    """Stop a job; its owner reads that the edit was cancelled."""
    with _unit_of_work(of_here()) as uow:
        job = job_shown(*service.cancel_job(uow, job_id, _who()))
    _say(job, json=json)


@jobs.command()
def drain(
    off: Annotated[bool, typer.Option("--off", help="Let workers take jobs again.")] = False, json: Json = False
) -> None:
    """Let workers take no new job; what is under way ends. Uploads go on, and wait."""
    with _unit_of_work(of_here()) as uow:
        shown = drain_shown(service.drain(uow, None if off else _who()))
        line = service.line(uow)
    if json:
        typer.echo(shown.model_dump_json(indent=2))
    elif shown.since is None:
        console.print("Workers take jobs.")
    else:
        told = f"Drained since {_time(shown.since)} by {shown.who}: workers take no new job"
        console.print(f"{told}, {line.running} under way.", highlight=False, soft_wrap=True)


@contextmanager
def _unit_of_work(settings: Settings) -> Iterator[UnitOfWork]:
    database = connect(settings)
    try:
        with database.transaction() as uow:
            yield uow
    finally:
        database.close()


def _who() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"


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
        column.no_wrap = name in ("id", "state", "progress")  # what a narrow terminal shows whole
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
