"""`make crowd-votes`: 100,000 votes race through nginx while parts die, and the count is verified."""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from verify.kit import results
from verify.votes import report
from verify.votes.race import RacePlan, race

FOLDER = Path(__file__).parent / "results"


def main(
    votes: Annotated[int, typer.Option(min=100, help="Votes to cast.")] = 100_000,
    clips: Annotated[int, typer.Option(min=1, help="Clips that get them; each person votes for each.")] = 5,
    processes: Annotated[int, typer.Option(min=2, help="Processes that vote.")] = 4,
    keep: Annotated[bool, typer.Option(help="Store the result.")] = False,
) -> None:
    """Let votes race. The exit code is 1 if one was lost or counted twice, or if log, tallies and rows differ."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is stopped and removed
    console, loads = Console(), [os.getloadavg()[0]]
    outcome = race(RacePlan(votes, clips, processes), lambda text: console.print(text, style="dim", markup=False))
    loads.append(os.getloadavg()[0])
    report.show(outcome, console)
    if keep:
        console.print(f"Stored in {results.keep(report.record(outcome, loads), FOLDER)}.")
    if outcome.findings:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
