"""`make chaos`: break the running platform at random moments, and say whether everything promised was kept."""

import os
import secrets
import shutil
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from bench import results
from rich.console import Console

from chaos import report
from chaos.run import Plan, run
from chaos.share import enter_namespace

FOLDER = Path(__file__).parent / "results"


def main(
    faults: Annotated[int, typer.Option(min=1, help="Faults to inject.")] = 28,
    minutes: Annotated[float, typer.Option(min=0.1, help="After so long no fault is begun.")] = 10,
    outage: Annotated[float, typer.Option(min=0, help="Seconds of one long outage of the queue; 0: none.")] = 0,
    seed: Annotated[int | None, typer.Option(help="The same seed chooses the same faults.")] = None,
    folder: Annotated[Path, typer.Option(help="Where the result file goes.")] = FOLDER,
) -> None:
    """Break things. The exit code is 1 when a promise was broken; a goal of time decides nothing."""
    enter_namespace()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is ended and removed
    console = Console()
    plan = Plan(secrets.randbelow(1 << 16) if seed is None else seed, faults, minutes * 60, outage)
    console.print(f"seed {plan.seed}")
    loads = [os.getloadavg()[0]]
    outcome = run(plan, lambda text: console.print(text, style="dim", markup=False))
    loads.append(os.getloadavg()[0])
    report.show(plan, outcome, console)
    path = results.keep(report.record(plan, outcome, loads), folder, f"-{plan.faults}-faults")
    missed = [figure for figure in report.figures(plan, outcome) if figure.met is False]
    names = "; ".join(figure.name for figure in missed)
    console.print(f"Kept in {path}. " + (f"Missed: {names}" if missed else "Everything promised was kept."))
    # How long a recovery takes says as much about the machine as about us.
    if any(figure.unit != "s" for figure in missed):
        console.print(f"Logs and journals: {plan.logs}. Again: python -m chaos --faults {faults} --seed {plan.seed}")
        raise typer.Exit(1)
    shutil.rmtree(plan.logs)


if __name__ == "__main__":
    typer.run(main)
