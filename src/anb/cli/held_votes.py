"""The commands of `anb fraud` that review votes: release and void held ones, void and restore a cluster's."""

from typing import Annotated
from uuid import UUID

import typer
from rich.markup import escape
from rich.table import Table

from anb.cli.acting import operator
from anb.cli.console import console
from anb.cli.database import transaction
from anb.fraud import service as fraud
from anb.fraud.doubts import Doubt
from anb.moderation import votes
from anb.moderation.votes_domain import VoteFilter
from anb.sentences import LOGS

commands = typer.Typer()

Clip = Annotated[UUID | None, typer.Option("--clip", help="Only votes for this clip.")]
OfCluster = Annotated[UUID | None, typer.Option("--cluster", help="Only votes of this cluster's accounts.")]
Because = Annotated[Doubt | None, typer.Option("--because", help="Only votes that are held for this reason.")]
Why = Annotated[str, typer.Option("--reason", help="Why, for the audit trail.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
ClusterId = Annotated[UUID, typer.Argument(help="The id, as `anb fraud clusters` lists it.")]


@commands.command("held")
def list_held(
    clip: Clip = None,
    cluster: OfCluster = None,
    because: Because = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of clips.")] = 50,
) -> None:
    """List the clips with doubtful votes, and what their release would change."""
    with transaction() as uow:
        found = votes.list_clips(uow, VoteFilter(video_id=clip, cluster_id=cluster, doubt=because), limit)
    table = Table("clip", "title", "held", "counted", "place", "if released", "why")
    for each in found:
        why = "\n".join(f"{doubt.said.text(LOGS)} ({count})" for doubt, count in each.reasons.items())
        counts = (each.votes, each.counted, each.place, each.place_released)
        table.add_row(str(each.video_id), escape(each.title), *map(str, counts), why)
    console.print(table)


@commands.command("release-votes")
def release_votes(
    reason: Why, clip: Clip = None, cluster: OfCluster = None, because: Because = None, yes: Yes = False
) -> None:
    """Let doubtful votes count; they are not held again."""
    seen = _seen(VoteFilter(video_id=clip, cluster_id=cluster, doubt=because), "Release", yes=yes)
    with transaction() as uow:
        count = votes.release(uow, operator(), seen, reason)
    console.print(f"Released votes: {count}.")


@commands.command("void-votes")
def void_votes(
    reason: Why, clip: Clip = None, cluster: OfCluster = None, because: Because = None, yes: Yes = False
) -> None:
    """Void doubtful votes as fraud; their rows stay."""
    seen = _seen(VoteFilter(video_id=clip, cluster_id=cluster, doubt=because), "Void", yes=yes)
    with transaction() as uow:
        count = votes.void(uow, operator(), seen, reason)
    console.print(f"Void votes: {count}.")


@commands.command("void-cluster")
def void_cluster(cluster_id: ClusterId, reason: Why, yes: Yes = False) -> None:
    """Void all votes of a cluster's doubtful accounts, counted ones too."""
    with transaction() as uow:
        seen = fraud.show_cluster(uow, cluster_id)
    if not yes:
        typer.confirm(f"Void the votes of {seen.doubtful} accounts?", abort=True)
    with transaction() as uow:
        count = votes.void_cluster(uow, operator(), seen, reason)
    console.print(f"Void votes: {count}.")


@commands.command("restore-cluster")
def restore_cluster(cluster_id: ClusterId, reason: Why) -> None:
    """Let the votes of a cluster count again that were voided as fraud."""
    with transaction() as uow:
        count = votes.restore_cluster(uow, operator(), cluster_id, reason)
    console.print(f"Restored votes: {count}.")


def _seen(wanted: VoteFilter, act: str, *, yes: bool) -> VoteFilter:
    """Count the votes that are wanted, ask, and leave out those that are held from now on."""
    with transaction() as uow:
        found = votes.list_clips(uow, wanted, 1_000_000)
    count = sum(each.votes for each in found)
    if not yes:
        typer.confirm(f"{act} {count} votes for {len(found)} clips?", abort=True)
    return VoteFilter(
        video_id=wanted.video_id,
        cluster_id=wanted.cluster_id,
        doubt=wanted.doubt,
        up_to=max((each.newest for each in found), default=0),
    )
