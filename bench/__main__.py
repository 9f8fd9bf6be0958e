"""`make bench`: run the suites, show each figure beside its limit, and keep the result."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console

from bench import results
from bench.figures import Figure
from bench.suites import cell, crowd, death, download, edit, handoff, job, jobs, memory, reads, start, tus, upload

Suite = Callable[[int], list[Figure]]
SUITES: Mapping[str, Suite] = {
    "start": start.measure,
    "upload": upload.measure,
    "tus": tus.measure,
    "memory": memory.measure,
    "download": download.measure,
    "reads": reads.measure,
    "handoff": handoff.measure,
    "job": job.measure,
    "edit": edit.measure,
    "crowd": crowd.measure,
    "cell": cell.measure,
    "jobs": jobs.measure,
    "death": death.measure,
}

LOOK_SECONDS = 3.0
BUSY_PER_CENT = 20


def main(
    suites: Annotated[list[str] | None, typer.Argument(help=f"Which of {', '.join(SUITES)}; all without.")] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Turns of each figure and its limit.")] = 5,
    patience: Annotated[float, typer.Option(min=0, help="Seconds to wait, before each suite, for others to rest.")] = 0,
    folder: Annotated[Path, typer.Option(help="Where the result file goes.")] = results.FOLDER,
) -> None:
    """Measure, and say which goals are met. The platform runs from temporary folders; nothing of it is left."""
    console = Console()
    names = suites or list(SUITES)
    if unknown := set(names) - set(SUITES):
        raise typer.BadParameter(f"no suite {', '.join(sorted(unknown))}")
    figures: list[Figure] = []
    loads = [os.getloadavg()[0]]
    for name in names:
        _wait_for_rest(patience)
        console.print(f"{name} … (load average {loads[-1]:.1f})", style="dim")
        figures += SUITES[name](repeats)
        loads.append(os.getloadavg()[0])
    results.show(figures, console)
    path = results.keep(results.record(figures, loads, repeats), folder)
    missed = [figure.name for figure in figures if figure.met is False]
    console.print(f"Kept in {path}. " + (f"Missed: {'; '.join(missed)}" if missed else "Every goal is met."))


def _wait_for_rest(patience: float) -> None:
    """Wait until the machine has little else to do, or patience is over; the load average goes into the result."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and psutil.cpu_percent(LOOK_SECONDS) > BUSY_PER_CENT:
        pass


if __name__ == "__main__":
    typer.run(main)
