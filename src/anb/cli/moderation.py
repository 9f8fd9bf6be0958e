"""The `anb moderation` commands: decide on clips that wait, hide public ones, take clips down."""

from typing import Annotated
from uuid import UUID

import typer
from pydantic import TypeAdapter
from rich.markup import escape
from rich.table import Table

from anb.cli.acting import Reason, operator
from anb.cli.audit import print_acts
from anb.cli.console import console
from anb.cli.database import transaction
from anb.cli.privacy import tools
from anb.db.paging import Page
from anb.moderation import history, reports, service
from anb.moderation.schemas import ModeratedClip, moderated_clip
from anb.sentences import LOGS
from anb.videos.verdict import ClipState, RefusalReason, Verdict

commands = typer.Typer(
    no_args_is_help=True, help="Clips that wait: list, approve, refuse; public ones: hide, take down."
)

ROWS = TypeAdapter(list[ModeratedClip])
Why = Annotated[RefusalReason, typer.Option("--reason", help="The player reads its sentence.")]
Words = Annotated[str, typer.Option("--text", help="What you add to it, for the player.")]


@commands.command("list")
def list_moderated(
    hidden: Annotated[bool, typer.Option("--hidden", help="Clips that were hidden instead.")] = False,
    refused: Annotated[bool, typer.Option("--refused", help="Clips that were refused instead.")] = False,
    taken_down: Annotated[bool, typer.Option("--taken-down", help="Clips that were taken down instead.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows, oldest first.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the clips that wait to be published, oldest first."""
    state = ClipState.WAITING
    for wanted, each in (
        (hidden, ClipState.HIDDEN),
        (refused, ClipState.REFUSED),
        (taken_down, ClipState.TAKEN_DOWN),
    ):
        state = each if wanted else state
    with transaction() as uow:
        found = service.list_moderated(uow, Page(limit=limit), state)
    rows = [moderated_clip(video, LOGS) for video in found.rows]
    if json:
        typer.echo(ROWS.dump_json(rows, indent=2))
        return
    table = Table("id", "title", "state", "processed at (UTC)", "votes", "reason")
    for row in rows:
        processed = "" if row.processed_at is None else f"{row.processed_at:%Y-%m-%d %H:%M}"
        table.add_row(
            str(row.video_id), escape(row.title), row.state, processed, str(row.votes), escape(row.told or "")
        )
    console.print(table)
    console.print(f"{len(rows)} of {found.total}.")


@commands.command("history")
def show_history(
    of: Annotated[UUID, typer.Argument(help="A clip, or with --person the account of a person.")],
    person: Annotated[
        bool, typer.Option("--person", help="What was done with all clips and photos of a person.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows, newest first.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what organizers did with a clip, or with the clips and photos of a person: who, when and why."""
    with transaction() as uow:
        found = (history.of_person if person else history.of_clip)(uow, of, Page(limit=limit))
    print_acts(found, as_json=json)


@commands.command("reported")
def list_reported(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows, oldest first.")] = 20,
) -> None:
    """List the clips whose reports wait for a decision, oldest first."""
    table = Table("id", "title", "state", "since (UTC)", "reports")
    with transaction() as uow:
        found = reports.list_due(uow, Page(limit=limit))
        for each in reports.with_clips(uow, found.rows):
            said = ", ".join(f"{count} {reason}" for reason, count in each.reasons.items())
            since = "" if each.case.due_at is None else f"{each.case.due_at:%Y-%m-%d %H:%M}"
            table.add_row(str(each.video.id), escape(each.video.title), each.video.clip_state, since, said)
    console.print(table)
    console.print(f"{len(found.rows)} of {found.total}.")


@commands.command("dismiss-reports")
def dismiss_reports(video_id: UUID, reason: Reason = "") -> None:
    """Close the open reports about a clip: nothing is wrong with it."""
    with transaction() as uow:
        video = reports.dismiss(uow, operator(), video_id, reason)
    console.print(f"The reports about “{escape(video.title)}” are dismissed.", soft_wrap=True)


@commands.command("approve")
def approve(video_id: UUID, reason: Reason = "") -> None:
    """Publish a clip that waits, or restore a hidden one."""
    with transaction() as uow:
        video = service.approve(uow, operator(), video_id, reason)
    console.print(f"“{escape(video.title)}” is public.", soft_wrap=True)


@commands.command("refuse")
def refuse(video_id: UUID, reason: Why, text: Words = "") -> None:
    """Refuse a clip that waits, and tell its player why."""
    with transaction() as uow:
        video = service.refuse(uow, operator(), video_id, Verdict(reason, text.strip()))
    console.print(f"“{escape(video.title)}” is refused.", soft_wrap=True)


@commands.command("reverse-refusal")
def reverse_refusal(video_id: UUID, reason: Reason = "") -> None:
    """Let a refused clip wait again."""
    with transaction() as uow:
        video = service.reverse_refusal(uow, operator(), video_id, reason)
    console.print(f"“{escape(video.title)}” waits again.", soft_wrap=True)


@commands.command("hide")
def hide(video_id: UUID, reason: Annotated[str, typer.Option("--reason", help="Why, for the audit trail.")]) -> None:
    """Hide a public clip; its votes count again once it is restored."""
    with transaction() as uow:
        video = service.hide(uow, operator(), video_id, reason)
    console.print(f"“{escape(video.title)}” is hidden.", soft_wrap=True)


@commands.command("take-down")
def take_down(
    video_id: UUID,
    reason: Why,
    text: Words = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take a clip down for good: its files are deleted, and its votes of an open season count no more."""
    if not yes:
        typer.confirm("Take it down? Its files are deleted, and its votes voided. This cannot be undone.", abort=True)
    with tools() as (_, database, ports), database.transaction() as uow:
        video = service.take_down(uow, ports, operator(), video_id, Verdict(reason, text.strip()))
    console.print(f"“{escape(video.title)}” is taken down.", soft_wrap=True)
