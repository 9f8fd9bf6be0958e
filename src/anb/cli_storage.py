"""`anb storage …` and `anb uploads …`: what lies on the share, and what is on its way to it."""

import json
import sys
from collections.abc import Iterable
from typing import Annotated, NamedTuple

import typer
from rich.table import Table

from anb.cli_console import console
from anb.db.session import Database, connect
from anb.ports import Ports
from anb.settings import Settings, of_here
from anb.storage import service
from anb.storage.domain import Finding
from anb.uploads import service as resumable

storage = typer.Typer(no_args_is_help=True, help="Files against rows: what is missing, what nobody knows.")
uploads = typer.Typer(no_args_is_help=True, help="Resumable uploads under way.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document a line, for programs.")]


class _Tools(NamedTuple):
    settings: Settings
    database: Database
    ports: Ports


@storage.command("verify")
def verify(
    checksums: Annotated[bool, typer.Option("--checksums", help="Read every file and compare its SHA-256.")] = False,
    as_json: Json = False,
) -> None:
    """Say which files rows miss. Ends with 1 when there are any."""
    tools = _tools()
    found = _tell(service.verify(tools.database, tools.ports, checksums=checksums), as_json=as_json)
    _sum_up(f"Files that rows miss: {found}.", as_json=as_json)
    sys.exit(min(found, 1))


@storage.command("sweep")
def sweep(
    delete: Annotated[bool, typer.Option("--delete", help="Delete them; without, they are only named.")] = False,
    as_json: Json = False,
) -> None:
    """Name files that no row knows and that are old enough (ANB_SWEEP_AGE_SECONDS), or delete them."""
    tools = _tools()
    verb = service.sweep if delete else service.unknown
    found = _tell(verb(tools.database, tools.ports, tools.settings), as_json=as_json)
    _sum_up(f"Files that no row knows: {found}{', deleted' if delete and found else ''}.", as_json=as_json)


@uploads.command("list")
def list_uploads(limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100) -> None:
    """Show the uploads that are open, newest first."""
    tools = _tools()
    with tools.database.reading() as uow:
        found = resumable.list_open(uow, limit)
    table = Table("upload", "player", "title", "received", "of bytes", "given up at (UTC)")
    for one in found:
        expires = f"{one.expires_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(one.id), str(one.owner_id), one.title, str(one.received), str(one.bytes), expires)
    console.print(table)


@uploads.command("sweep")
def sweep_uploads() -> None:
    """Remove what was given up and finish what came whole; the reconciler does it all the time."""
    removed, finished = resumable.sweep(*_sweeping(_tools()))
    console.print(f"Removed: {removed}. Finished: {finished}.")


def _sweeping(tools: _Tools) -> tuple[Database, Ports, Settings]:
    return tools.database, tools.ports, tools.settings


def _tools() -> _Tools:
    from anb import bootstrap  # noqa: PLC0415 - brings celery, which costs every other command a third of a second

    settings = of_here()
    return _Tools(settings, connect(settings), bootstrap.build_ports(settings))


def _tell(findings: Iterable[Finding], *, as_json: bool) -> int:
    """Print findings as they come; return how many."""
    count = 0
    for count, one in enumerate(findings, 1):  # noqa: B007 - the last is the answer
        said = {"wrong": one.wrong, "key": one.key, "detail": one.detail}
        typer.echo(json.dumps(said) if as_json else f"{one.wrong:<9} {one.key}  {one.detail}".rstrip())
    return count


def _sum_up(text: str, *, as_json: bool) -> None:
    typer.echo(text, err=as_json)
