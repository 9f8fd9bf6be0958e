"""The `anb storage` and `anb uploads` commands: files on the share, uploads in progress, and their process."""

import json
import os
import sys
from collections.abc import Iterable
from typing import Annotated, NamedTuple

import typer
from rich.table import Table

from anb.cli.console import console
from anb.cli.serve import serve
from anb.db.session import Database, connect
from anb.logs import configure
from anb.ports import Ports
from anb.resumable import service as resumable
from anb.settings import Settings, load_for_web, of_here
from anb.storage import service
from anb.storage.domain import StorageFinding

storage_commands = typer.Typer(no_args_is_help=True, help="Compare files with rows: missing and unknown files.")
upload_commands = typer.Typer(no_args_is_help=True, help="Serve uploads; list and sweep resumable uploads.")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document per line.")]


class _Tools(NamedTuple):
    settings: Settings
    database: Database
    ports: Ports


@storage_commands.command("verify")
def verify(
    checksums: Annotated[bool, typer.Option("--checksums", help="Read every file and compare its SHA-256.")] = False,
    as_json: Json = False,
) -> None:
    """List files that rows name but the share does not have. Ends with 1 when there are any."""
    tools = _tools()
    found = _tell(service.verify(tools.database, tools.ports, checksums=checksums), as_json=as_json)
    _sum_up(f"Missing or wrong files: {found}.", as_json=as_json)
    sys.exit(min(found, 1))


@storage_commands.command("sweep")
def sweep(
    delete: Annotated[bool, typer.Option("--delete", help="Delete the files as well.")] = False,
    as_json: Json = False,
) -> None:
    """List or delete files that no row knows and that are old enough (ANB_SWEEP_AGE_SECONDS)."""
    tools = _tools()
    verb = service.sweep if delete else service.unknown
    found = _tell(verb(tools.database, tools.ports, tools.settings), as_json=as_json)
    _sum_up(f"Files that no row knows: {found}{', deleted' if delete and found else ''}.", as_json=as_json)


@upload_commands.command("serve")
def serve_uploads(
    nice: Annotated[int, typer.Option(min=0, max=19, help="Niceness: 19 gives way to all other processes.")] = 0,
) -> None:
    """Take uploads, behind nginx and next to the web application."""
    from anb import bootstrap  # noqa: PLC0415 - brings celery, see below

    if nice:  # systemd units forbid the call itself
        os.nice(nice)
    settings = load_for_web()
    configure(settings.log_format)
    bootstrap.check(settings)
    here = {"web_socket": settings.upload_socket, "web_port": settings.upload_port}
    serve("anb.app:create_for_uploads", settings.model_copy(update=here), name="uploads")


@upload_commands.command("list")
def list_uploads(limit: Annotated[int, typer.Option(min=1, help="Maximum number of rows.")] = 100) -> None:
    """List the open uploads, newest first."""
    tools = _tools()
    with tools.database.reading() as uow:
        found = resumable.list_open(uow, limit)
    table = Table("upload", "player", "title", "received", "of bytes", "expires at (UTC)")
    for one in found:
        expires = f"{one.expires_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(one.id), str(one.owner_id), one.title, str(one.received), str(one.bytes), expires)
    console.print(table)


@upload_commands.command("sweep")
def sweep_uploads() -> None:
    """Remove expired uploads and finish complete ones, as the reconciler does regularly."""
    removed, finished = resumable.sweep(*_sweeping(_tools()))
    console.print(f"Removed: {removed}. Finished: {finished}.")


def _sweeping(tools: _Tools) -> tuple[Database, Ports, Settings]:
    return tools.database, tools.ports, tools.settings


def _tools() -> _Tools:
    from anb import bootstrap  # noqa: PLC0415 - brings celery, which costs every other command a third of a second

    settings = of_here()
    return _Tools(settings, connect(settings), bootstrap.build_ports(settings))


def _tell(findings: Iterable[StorageFinding], *, as_json: bool) -> int:
    """Print findings as they are found; return their number."""
    count = 0
    for count, one in enumerate(findings, 1):  # noqa: B007 - the last is the answer
        said = {"wrong": one.wrong, "key": one.key, "detail": one.detail}
        typer.echo(json.dumps(said) if as_json else f"{one.wrong:<9} {one.key}  {one.detail}".rstrip())
    return count


def _sum_up(text: str, *, as_json: bool) -> None:
    typer.echo(text, err=as_json)
