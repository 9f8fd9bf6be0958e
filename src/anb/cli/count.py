"""The `anb count` commands: how far the logs of votes are, and whether rows, tallies and log agree."""

from contextlib import closing
from typing import Annotated

import typer
from rich.table import Table

from anb.cli.console import console
from anb.cli.database import transaction
from anb.contest import seasons
from anb.contest import service as contest
from anb.counting import service
from anb.db.session import connect
from anb.settings import of_here
from anb.votelog import comparisons
from anb.votelog import service as votelog

commands = typer.Typer(
    no_args_is_help=True, help="The count: the logs of votes, and the tallies that follow from them."
)

Slug = Annotated[str, typer.Argument(help="The season, as `anb season list` names it.")]


@commands.command("status")
def status() -> None:
    """Show the log of each season: leaves, last seal, what awaits it, and how many counts differed when compared."""
    table = Table("season", "leaves", "sealed at (UTC)", "awaiting", "held", "closed", "differ")
    with transaction() as uow:
        for season in seasons.list_seasons(uow):
            head, figures = votelog.head(uow, season.id), votelog.figures(uow, season.id)
            sealed = f"{head.sealed_at:%Y-%m-%d %H:%M:%S}" if head else "never"
            closed = "yes" if head and head.closed_at and head.closed_at == season.closed_at else "no"
            leaves = str(head.size if head else 0)
            compared = comparisons.find(uow, season.id)
            differ = "?" if compared is None else str(len(compared.differences))
            table.add_row(season.slug, leaves, sealed, str(figures.pending), str(figures.held), closed, differ)
    console.print(table)


@commands.command("verify")
def verify() -> None:
    """Count every season again, from its log and from the rows of votes, and check its signed root.

    Ends with 1 if anything differs.
    """
    known = of_here()
    with closing(connect(known)) as database:
        with database.reading() as uow:
            found = seasons.list_seasons(uow)
        differences = [
            f"{season.slug}: {each}" for season in found for each in service.compare_season(database, season.id)
        ]
    for each in differences:
        console.print(each, soft_wrap=True, markup=False)
    if differences:
        raise typer.Exit(1)
    console.print(f"{len(found)} seasons: rows, tallies and log agree.")


@commands.command("rebuild")
def rebuild(slug: Slug) -> None:
    """Build the tallies of a season anew from its log. Sealing waits meanwhile."""
    with transaction() as uow:
        count = contest.rebuild_count(uow, seasons.show(uow, slug).id)
    console.print(f"The tallies of {count} clips are built anew.")
