"""The commands of results: `anb season results` and `anb season export`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from anb.cli.console import console
from anb.cli.database import transaction
from anb.contest import seasons
from anb.db.paging import Page
from anb.db.session import UnitOfWork
from anb.results import checking, service
from anb.results.domain import Results, ResultsNotReady
from anb.results.exports import FORMS, shown_name
from anb.zones import in_colombia

Version = Annotated[int | None, typer.Option("--version", min=1, help="By default the latest.")]


def show_results(
    slug: str,
    version: Version = None,
    check: Annotated[
        bool, typer.Option("--check", help="Count again: compare rows, tallies, log and results; 1 if they differ.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of places.")] = 20,
) -> None:
    """Show the results of a season, also before they are due."""
    with transaction() as uow:
        season = seasons.show(uow, slug)
        differences = checking.compare(uow, season) if check else []
        try:
            _print(uow, service.show(uow, slug, version, early=True), limit)
        except ResultsNotReady:
            console.print(_state(checking.awaited(uow, season)), soft_wrap=True)
    if check:
        for each in differences:
            console.print(f"Different: {escape(each)}", soft_wrap=True)
        if differences:
            raise typer.Exit(1)
        console.print("Rows, tallies, log and results are equal.")


def export(
    slug: str,
    to: Annotated[Path, typer.Argument(help="The file; its ending decides the form: .csv, .xlsx or .json.")],
    version: Version = None,
) -> None:
    """Write the results of a season to a file, also before they are due."""
    form = to.suffix.removeprefix(".").lower()
    if form not in FORMS:
        raise typer.BadParameter(f"{to.name} does not end in {', '.join(f'.{known}' for known in FORMS)}")
    with transaction() as uow:
        found = service.show(uow, slug, version, early=True)
        to.write_bytes(FORMS[form](found, service.list_all(uow, found)))
    console.print(f"Version {found.version} of {found.players} places is in {to}.", soft_wrap=True)


def _print(uow: UnitOfWork, found: Results, limit: int) -> None:
    table = Table("place", "player", "city", "in the city", "votes", "jury", "winner", "tie", title=found.season)
    for place in service.list_places(uow, found, Page(limit=limit)).rows:
        row = (place.position, escape(shown_name(place)), escape(place.city), place.city_position, place.votes)
        ties = " ".join(word for word, tied in (("country", place.tied), ("city", place.city_tied)) if tied)
        table.add_row(*map(str, row), str(place.jury_votes), "yes" if place.is_winner else "", ties)
    console.print(table)
    state = ", superseded" if found.is_superseded else ""
    console.print(
        f"Version {found.version}{state}: closed {in_colombia(found.closed_at)}, public from"
        f" {in_colombia(found.due_at)}. {found.players} players, log of {found.log_size} entries.",
        soft_wrap=True,
    )


def _state(awaited: checking.Awaited) -> str:
    """Say what results wait for."""
    if awaited.differences:
        found = "".join(f"\n  {escape(each)}" for each in awaited.differences)
        return f"Stopped: the counts differ, and nothing is published until they are equal.{found}"
    if awaited.held:
        return f"{awaited.held} doubtful votes wait for an organizer; without one they are void when results are due."
    return "No results yet: the season is open, or is being counted."
