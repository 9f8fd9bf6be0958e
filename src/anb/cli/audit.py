"""The `anb audit` commands: read the audit trail, and verify that it is unchanged."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from pydantic import TypeAdapter
from rich.markup import escape
from rich.table import Table

from anb.audit import service
from anb.audit.domain import Act, AuditEntry, AuditFilter, ChainHead, TargetKind
from anb.cli.console import console
from anb.cli.database import transaction
from anb.db.paging import Listed, Page
from anb.operators.schemas import AuditedActShown, audited_act_shown

commands = typer.Typer(no_args_is_help=True, help="The audit trail: list what was done, verify that it is unchanged.")

ROWS = TypeAdapter(list[AuditedActShown])


def print_acts(found: Listed[AuditEntry], *, as_json: bool) -> None:
    """Print acts as a table, or as JSON."""
    rows = [audited_act_shown(entry) for entry in found.rows]
    if as_json:
        typer.echo(ROWS.dump_json(rows, indent=2))
        return
    table = Table("number", "at (UTC)", "who", "act", "on", "reason", "details")
    for row in rows:
        who = f"{row.actor_role} {row.actor_name or row.actor_id or ''}"
        details = ", ".join(f"{name} {value}" for name, value in row.details.items())
        cells = (who, row.act, f"{row.target_kind} {row.target_id}", row.reason or "", details)
        table.add_row(str(row.number), f"{row.at:%F %T}", *(escape(cell.strip()) for cell in cells))
    console.print(table)
    console.print(f"{len(rows)} of {found.total}.")


@commands.command("list")
def list_acts(
    act: Annotated[Act | None, typer.Option(help="Only this act.")] = None,
    actor: Annotated[UUID | None, typer.Option(help="Only acts of this account.")] = None,
    kind: Annotated[TargetKind | None, typer.Option(help="Only acts on things of this kind.")] = None,
    target: Annotated[str | None, typer.Option(help="Only acts on the thing with this id.")] = None,
    account: Annotated[UUID | None, typer.Option(help="Only acts on what is this account's.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only acts since this moment (UTC).")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows, newest first.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the acts of organizers, administrators and operators, newest first."""
    wanted = AuditFilter(act, actor, kind, target, account, since.replace(tzinfo=UTC) if since else None)
    with transaction() as uow:
        found = service.list_entries(uow, wanted, Page(limit=limit))
    print_acts(found, as_json=json)


@commands.command("verify")
def verify(
    head: Annotated[
        ChainHead | None,
        typer.Option(
            parser=ChainHead.parse,
            metavar="NUMBER:HASH",
            help="A head that an earlier run printed; without it, acts cut off at the end go unseen.",
        ),
    ] = None,
) -> None:
    """Check every hash of the trail; print its head, or name the first difference and end with 1."""
    with transaction() as uow:
        found = service.verify(uow, head)
    typer.echo(f"{found.number} acts, unchanged. Remember this head: {found}")
