"""`make chaos`: break the running platform at random moments, and check that it kept its promises."""

import os
import secrets
import shutil
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from verify.chaos import report
from verify.chaos.faults import EVERY
from verify.chaos.run import ChaosPlan, run
from verify.chaos.share import enter_namespace
from verify.kit import results

FOLDER = Path(__file__).parent / "results"


def main(
    faults: Annotated[int, typer.Option(min=1, help="Faults to inject; by default one of each kind.")] = len(EVERY),
    minutes: Annotated[float, typer.Option(min=0.1, help="No fault begins after this time.")] = 10,
    outage: Annotated[float, typer.Option(min=0, help="Seconds of a long outage of the queue; 0: no outage.")] = 0,
    seed: Annotated[int | None, typer.Option(help="The same seed chooses the same faults.")] = None,
    folder: Annotated[Path, typer.Option(help="Folder of the result file.")] = FOLDER,
) -> None:
    """Break the platform. The exit code is 1 if it broke a promise; missed goals of time do not count."""
    enter_namespace()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is stopped and removed
    console = Console()
    plan = ChaosPlan(secrets.randbelow(1 << 16) if seed is None else seed, faults, minutes * 60, outage)
    console.print(f"seed {plan.seed}")
    loads = [os.getloadavg()[0]]
    outcome = run(plan, lambda text: console.print(text, style="dim", markup=False))
    loads.append(os.getloadavg()[0])
    report.show(plan, outcome, console)
    path = results.keep(report.record(plan, outcome, loads), folder, f"-{plan.faults}-faults")
    missed = [figure for figure in report.figures(plan, outcome) if figure.met is False]
    names = "; ".join(figure.name for figure in missed)
    console.print(f"Stored in {path}. " + (f"Missed: {names}" if missed else "Every promise was kept."))
    # Recovery times depend on the machine as much as on the platform.
    if any(figure.unit != "s" for figure in missed):
        console.print(
            f"Logs and journals: {plan.logs}. Repeat: python -m verify.chaos --faults {faults} --seed {plan.seed}"
        )
        raise typer.Exit(1)
    shutil.rmtree(plan.logs)


if __name__ == "__main__":
    typer.run(main)
