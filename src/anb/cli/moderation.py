"""The `anb moderation` commands: publish clips that wait, hide public ones."""

from typing import Annotated
from uuid import UUID

import typer
from pydantic import TypeAdapter
from rich.markup import escape
from rich.table import Table

from anb.cli.acting import Reason, operator
from anb.cli.console import console
from anb.cli.database import transaction
from anb.db.paging import Page
from anb.moderation import service
from anb.moderation.schemas import ModeratedClip, moderated_clip

commands = typer.Typer(no_args_is_help=True, help="Clips that wait to be published: list, approve; hide public ones.")

ROWS = TypeAdapter(list[ModeratedClip])


@commands.command("list")
def list_moderated(
    hidden: Annotated[bool, typer.Option("--hidden", help="Clips that were hidden instead.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows, oldest first.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the clips that wait to be published, oldest first."""
    with transaction() as uow:
        found = service.list_unpublished(uow, Page(limit=limit), hidden=hidden)
    rows = [moderated_clip(video) for video in found.rows]
    if json:
        typer.echo(ROWS.dump_json(rows, indent=2))
        return
    table = Table("id", "title", "state", "processed at (UTC)", "votes")
    for row in rows:
        table.add_row(
            str(row.video_id), escape(row.title), row.state, f"{row.processed_at:%Y-%m-%d %H:%M}", str(row.votes)
        )
    console.print(table)
    console.print(f"{len(rows)} of {found.total}.")


@commands.command("approve")
def approve(video_id: UUID, reason: Reason = "") -> None:
    """Publish a clip that waits, or restore a hidden one."""
    with transaction() as uow:
        video = service.approve(uow, operator(), video_id, reason)
    console.print(f"“{escape(video.title)}” is public.", soft_wrap=True)


@commands.command("hide")
def hide(video_id: UUID, reason: Annotated[str, typer.Option("--reason", help="Why, for the audit trail.")]) -> None:
    """Hide a public clip; its votes count again once it is restored."""
    with transaction() as uow:
        video = service.hide(uow, operator(), video_id, reason)
    console.print(f"“{escape(video.title)}” is hidden.", soft_wrap=True)
