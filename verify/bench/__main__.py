"""`make bench`: run the suites, show each figure with its limit, and store the result."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console

from verify.bench.suites import (
    cell,
    contest,
    crowd,
    crowd_web,
    death,
    download,
    edit,
    handoff,
    hostile,
    job,
    jobs,
    last_byte,
    memory,
    reads,
    sessions,
    start,
    streams,
    tus,
    upload,
)
from verify.kit import results
from verify.kit.figures import Figure

Suite = Callable[[int], list[Figure]]
SUITES: dict[str, Suite] = {
    "start": start.measure,
    "upload": upload.measure,
    "tus": tus.measure,
    "last-byte": last_byte.measure,
    "memory": memory.measure,
    "download": download.measure,
    "reads": reads.measure,
    "sessions": sessions.measure,
    "handoff": handoff.measure,
    "job": job.measure,
    "edit": edit.measure,
    "crowd": crowd.measure,
    "crowd-web": crowd_web.measure,
    "streams": streams.measure,
    "contest": contest.suites(contest.TENTH)["contest"],
    "cell": cell.measure,
    "hostile": hostile.measure,
    "jobs": jobs.measure,
    "death": death.measure,
}
PARTS = ", ".join(name for name in contest.suites(contest.TENTH) if name != "contest")

LOOK_SECONDS = 3.0
BUSY_PER_CENT = 20


def main(
    suites: Annotated[
        list[str] | None,
        typer.Argument(help=f"Any of {', '.join(SUITES)}, or a part of contest: {PARTS}; all by default."),
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each figure and its limit, in turns.")] = 5,
    patience: Annotated[float, typer.Option(min=0, help="Seconds to wait, before each suite, for a low load.")] = 0,
    folder: Annotated[Path, typer.Option(help="Folder of the result file.")] = results.FOLDER,
    votes: Annotated[
        int, typer.Option(min=10_000, help=f"Votes of the generated contest; {contest.WHOLE} are the whole.")
    ] = contest.TENTH,
) -> None:
    """Measure, and list the missed goals. The platform runs from temporary folders, which are removed."""
    console = Console()
    names = suites or list(SUITES)
    known = SUITES | contest.suites(votes)
    if unknown := set(names) - set(known):
        raise typer.BadParameter(f"unknown suite {', '.join(sorted(unknown))}")
    figures: list[Figure] = []
    loads = [os.getloadavg()[0]]
    for name in names:
        _wait_for_rest(patience)
        console.print(f"{name} … (load average {loads[-1]:.1f})", style="dim")
        if name.startswith("contest"):
            console.print(f"a contest of {votes:,} votes; --votes {contest.WHOLE} is the whole", style="dim")
        figures += known[name](repeats)
        loads.append(os.getloadavg()[0])
    results.show(figures, console)
    path = results.keep(results.record(figures, loads, repeats), folder)
    missed = [figure.name for figure in figures if figure.met is False]
    console.print(f"Stored in {path}. " + (f"Missed: {'; '.join(missed)}" if missed else "Every goal is met."))


def _wait_for_rest(patience: float) -> None:
    """Wait until the machine is nearly idle or patience is over. The load average goes into the result."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and psutil.cpu_percent(LOOK_SECONDS) > BUSY_PER_CENT:
        pass


if __name__ == "__main__":
    typer.run(main)
