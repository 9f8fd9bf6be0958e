"""`make fraud`: play the scenarios through the rules and a database of their own, and print what was caught."""

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from verify.kit import results

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))  # the engines of the tests

from anb.contest import service as contest  # noqa: E402
from anb.db.session import connect  # noqa: E402
from anb.settings.fraud import FraudSettings  # noqa: E402
from support import shared  # noqa: E402
from support.worlds import OPERATOR, engines, new_database, settings_for  # noqa: E402
from verify.fraud import report  # noqa: E402
from verify.fraud.playing import FraudOutcome, play  # noqa: E402
from verify.fraud.scenarios import AROUND, SCENARIOS, drawn  # noqa: E402

FOLDER = Path(__file__).parent / "results"


def main(
    only: Annotated[list[str] | None, typer.Option(help="Only this scenario; may be repeated.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same votes.")] = 1,
    around: Annotated[int, typer.Option(help="People of the ordinary contest around each scenario.")] = AROUND,
    keep: Annotated[bool, typer.Option(help="Store the result.")] = False,
    folder: Annotated[Path, typer.Option(help="Folder of the result file.")] = FOLDER,
) -> None:
    """Play the scenarios. The exit code is 1 if a goal was missed."""
    console, begun, loads = Console(), time.monotonic(), [os.getloadavg()[0]]
    shared.begin()
    try:
        outcomes = {name: _played(name, seed, around) for name in only or SCENARIOS}
    finally:
        shared.end()
    loads.append(os.getloadavg()[0])
    report.show(outcomes, console)
    if keep:
        run = {"seed": seed, "around": around, "seconds": round(time.monotonic() - begun)}
        console.print(f"Stored in {results.keep(report.record(outcomes, loads, run), folder)}.")
    if any(figure.met is False for figure in report.figures(outcomes)):
        raise typer.Exit(1)


def _played(name: str, seed: int, around: int) -> FraudOutcome:
    scenario = SCENARIOS[name]
    database = connect(settings_for(shared.folder(), new_database(f"fraud_{name.replace('-', '_')}"), engines()[1]))
    try:
        with database.transaction() as uow:
            contest.open_season(uow, OPERATOR, "Simulación")
        return play(database, drawn(name, seed, around), scenario.seconds, scenario.step, FraudSettings())
    finally:
        database.close()


if __name__ == "__main__":
    typer.run(main)
