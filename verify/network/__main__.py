"""`make network`: send and fetch clips over every kind of bad network, and list the failures."""

import os
import random
import signal
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from verify.kit import results
from verify.network import report
from verify.network.cells import whole
from verify.network.pairs import covering
from verify.network.run import MatrixPlan, run, seconds_of

FOLDER = Path(__file__).parent / "results"
SEED = 12


def main(
    sample: Annotated[bool, typer.Option(help="Only enough cells to contain every pair of values.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed chooses the same sample.")] = SEED,
    only: Annotated[str, typer.Option(help="Cells whose name matches, such as 'tus/* tls 60k stall-35s@*'.")] = "*",
    at_once: Annotated[int, typer.Option(min=1, max=60, help="Number of concurrent cells.")] = 60,
    slack: Annotated[float, typer.Option(min=1, help="Seconds a cell may take beyond its network's share.")] = 90,
    minutes: Annotated[float, typer.Option(min=0.1, help="No cell begins after this time.")] = 90,
    keep: Annotated[bool, typer.Option(help="Store the result.")] = False,
) -> None:
    """Run the matrix. The exit code is 1 if any check fails."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is stopped and removed
    console = Console()
    cells = [cell for cell in whole() if fnmatch(cell.name, only)]
    chosen = covering(cells, seed)
    if sample:
        chosen.sort(key=seconds_of, reverse=True)
    else:  # the sample first, then the rest in random order, so that slow and quick cells run together
        rest = [cell for cell in cells if cell not in chosen]
        random.Random(seed).shuffle(rest)
        chosen += rest
    plan = MatrixPlan(chosen, at_once, slack, minutes * 60)
    console.print(f"{len(chosen)} of {len(whole())} cells, {at_once} at once")
    loads = [os.getloadavg()[0]]
    outcome = run(plan, lambda text: console.print(text, style="dim", markup=False, highlight=False))
    loads.append(os.getloadavg()[0])
    report.show(outcome, console)
    if keep:
        path = results.keep(report.record(plan, outcome, loads, seed if sample else None), FOLDER)
        console.print(f"Stored in {path}.")
    holds = report.is_kept(outcome)
    console.print(f"{outcome.seconds:.0f} s. " + ("Everything holds." if holds else "Not everything holds."))
    if not holds:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
