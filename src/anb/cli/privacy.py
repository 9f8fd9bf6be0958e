"""The `anb privacy` commands, and those that erase an account: what is kept, how long, and what left."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from anb.accounts import recovery
from anb.accounts import service as accounts
from anb.audit import service as audit
from anb.audit.domain import Act, AuditTarget
from anb.cli.acting import Reason, operator
from anb.cli.console import console
from anb.cli.user import Email
from anb.db.session import Database, connect
from anb.logs import configure
from anb.ports import Ports
from anb.privacy import erasure, export, retention
from anb.privacy.domain import LATE_START, Erasure
from anb.settings import Settings, of_here

commands = typer.Typer(no_args_is_help=True, help="Erasures of accounts, and how long data is kept.")


@commands.command("retention")
def run_retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count what would be removed, and remove nothing.")
    ] = False,
) -> None:
    """Remove what is older than the settings allow, as happens each night."""
    table = Table("rule", "would be removed" if dry_run else "removed")
    with tools() as (settings, database, ports):
        for name, count in retention.run(retention.RetentionRun(database, ports, settings, dry_run)).items():
            table.add_row(name.replace("_", " "), str(count))
    console.print(table)


@commands.command("erasures")
def list_erasures(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows, newest first.")] = 100,
) -> None:
    """List the requests to erase accounts, and end with 1 if one is overdue. Say when retention last ended."""
    with tools() as (_, database, ports), database.reading() as uow:
        found, late = erasure.list_requests(uow, limit), erasure.list_overdue(uow, ports)
        begun, since = ports.clock.now() - LATE_START, retention.seconds_since(uow, ports)
    table = Table("request", "account", "asked by", "asked at (UTC)", "due", "ended", "removed")
    for each in found:
        counts = ", ".join(f"{count} {name}" for name, count in each.removed.items() if count)
        asked, due = f"{each.asked_at:%Y-%m-%d %H:%M}", f"{each.due_at:%Y-%m-%d}"
        state = "overdue" if each in late else _ended(each) or ("unfinished" if each.starts_at < begun else "")
        table.add_row(str(each.id), str(each.account_id), each.asked_by, asked, due, state, counts)
    console.print(table)
    console.print(f"Retention last ended {'never' if since is None else f'{since / 3600:.0f} h ago'}.")
    sys.exit(bool(late))


def erase(
    email: Email, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False, reason: Reason = ""
) -> None:
    """Erase an account at once: name, e-mail, clips, files. Votes that it cast stay. It cannot be undone."""
    with tools() as (settings, database, ports):
        with database.reading() as uow:
            account = accounts.who(uow, recovery.find(uow, email).id)  # refuses an erased account
        if not yes:
            typer.confirm(f"Erase {account.username} ({account.name})? It cannot be undone", abort=True)
        with database.transaction() as uow:
            asked = erasure.pending(uow, account.id) or erasure.ask(
                uow, ports, settings, account.id, by=erasure.OPERATOR
            )
            audit.record(uow, operator(), Act.ERASURE_ASKED, AuditTarget.account(account.id), reason)
        ended = erasure.carry_out(database, ports, asked.id)
    console.print(f"Request {asked.id}: {'done' if ended else 'another process is carrying it out'}.", soft_wrap=True)


def export_account(
    email: Email, to: Annotated[Path, typer.Option("--to", help="The file to write; it must not exist.")]
) -> None:
    """Write an archive of everything that is kept of a person: JSON, and the original clips."""
    with tools() as (settings, database, ports):
        with database.transaction() as uow:
            account_id = recovery.find(uow, email).id
            audit.record(uow, operator(), Act.DATA_EXPORTED, AuditTarget.account(account_id))
        with to.open("xb") as file:
            export.write(database, ports, settings, account_id, file)
    console.print(f"Written: {to}", soft_wrap=True)


def _ended(request: Erasure) -> str:
    ended = request.finished_at or request.cancelled_at
    if ended is None:
        return ""
    return f"{'cancelled ' if request.cancelled_at else ''}{ended:%Y-%m-%d %H:%M}"


@contextmanager
def tools() -> Iterator[tuple[Settings, Database, Ports]]:
    """Lend what commands on people's data need."""
    from anb import bootstrap  # noqa: PLC0415 - brings celery, which costs every other command a third of a second

    settings = of_here()
    configure(settings.log_format)
    database = connect(settings)
    try:
        yield settings, database, bootstrap.build_ports(settings)
    finally:
        database.close()
