"""The `anb fraud` commands: accounts that seem to belong to the same person, found and reviewed."""

from contextlib import closing
from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from anb.cli.acting import Reason, operator
from anb.cli.console import console
from anb.cli.database import transaction
from anb.cli.held_votes import commands as held_votes
from anb.db.paging import Page
from anb.db.session import connect
from anb.fraud import service
from anb.fraud.domain import Cluster
from anb.sentences import LOGS
from anb.settings import of_here
from anb.signals.disposable import is_disposable

commands = typer.Typer(no_args_is_help=True, help="Accounts that seem to belong to one person, and doubtful votes.")
commands.add_typer(held_votes)

ClusterId = Annotated[UUID, typer.Argument(help="The id, as `anb fraud clusters` lists it.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows.")]


@commands.command("clusters")
def list_clusters(
    limit: Limit = 100,
    everything: Annotated[bool, typer.Option("--all", help="Also those whose accounts were all reviewed.")] = False,
) -> None:
    """List clusters, newest first."""
    with transaction() as uow:
        found = service.list_clusters(uow, Page(limit), reviewed=everything)
    table = Table("cluster", "accounts", "doubtful", "why", "grew at (UTC)")
    for each in found.rows:
        table.add_row(str(each.id), str(each.members), str(each.doubtful), _why(each), f"{each.grew_at:%Y-%m-%d %H:%M}")
    console.print(table)


@commands.command("show")
def show_cluster(cluster_id: ClusterId, limit: Limit = 100) -> None:
    """Show a cluster and its accounts, oldest first."""
    with transaction() as uow:
        cluster = service.show_cluster(uow, cluster_id)
        members = service.list_members(uow, cluster, Page(limit))
    console.print(f"Cluster {cluster.id}: {cluster.members} accounts, {cluster.doubtful} doubtful.", soft_wrap=True)
    for reason in cluster.reasons:
        seen = f"{reason.first_seen:%Y-%m-%d %H:%M} to {reason.last_seen:%Y-%m-%d %H:%M} UTC"
        console.print(f"- {reason.said.text(LOGS)} Seen {seen}.", soft_wrap=True)
    table = Table("account", "public name", "city", "disposable e-mail", "tied by", "reviewed as fine")
    for each in members.rows:
        ties, disposable = ", ".join(tie.value for tie in each.ties), "yes" if is_disposable(each.email) else "no"
        fine = f"{each.cleared_at:%Y-%m-%d %H:%M}" if each.cleared_at else "no"
        table.add_row(str(each.account_id), each.username, each.city, disposable, ties, fine)
    console.print(table)


@commands.command("release")
def release(
    cluster_id: ClusterId,
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Say that the accounts of a cluster are fine; they stay fine until there is new evidence."""
    with transaction() as uow:
        cluster = service.show_cluster(uow, cluster_id)
    if not yes:
        typer.confirm(f"Release {cluster.doubtful} accounts? {_why(cluster)}", abort=True)
    with transaction() as uow:
        count = service.release(uow, cluster, operator(), reason)
    console.print(f"Reviewed as fine: {count} accounts of cluster {cluster.id}.", soft_wrap=True)


@commands.command("search")
def search() -> None:
    """Search now, as happens every few minutes next to the reconciler."""
    settings = of_here()
    with closing(connect(settings)) as database:
        growth = service.search(database, settings)
    if growth is None:
        console.print("Another process is searching.")
        return
    console.print(f"New clusters: {growth.clusters}; accounts that were in none: {growth.members}.")


def _why(cluster: Cluster) -> str:
    return " ".join(reason.said.text(LOGS) for reason in cluster.reasons)
