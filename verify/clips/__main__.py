"""`make generated`: make clips that combine properties, put them through the product, and list the wrong edits."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from verify.kit import results

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))  # the corpus draws and measures

from verify.clips import cost, covering, report, trial  # noqa: E402 - they need the corpus
from verify.clips.properties import ClipRecipe  # noqa: E402
from verify.clips.shrinking import shrunk  # noqa: E402

FOLDER = Path(__file__).parent / "results"


def main(
    only: Annotated[str, typer.Option(help="Only this clip, as a finding names it.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed chooses the same random clips.")] = 1,
    count: Annotated[int, typer.Option(help="Number of random clips, in addition to the sample.")] = 110,
    minutes: Annotated[float, typer.Option(min=0.1, help="No clip begins after this time.")] = 60,
    at_once: Annotated[int, typer.Option(min=1)] = os.cpu_count() or 2,
    choose: Annotated[bool, typer.Option(help="After a change of properties: update the sample.")] = False,
    keep: Annotated[bool, typer.Option(help="Store the result.")] = False,
) -> None:
    """Make and judge clips. The exit code is 1 if one came out wrong."""
    console = Console()
    if choose:
        chosen = covering.covering(seed, covering.still_possible())
        covering.SAMPLE.write_text("".join(f"{recipe}\n" for recipe in chosen), encoding="utf-8")
        return
    recipes = [ClipRecipe.parse(only)] if only else [*covering.sample(), *covering.by_chance(seed, count)]
    begun, loads = time.monotonic(), [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory(prefix="anb-generated-") as folder:
        outcomes = list(_outcomes(recipes, Path(folder), at_once, begun + minutes * 60, console))
        loads.append(os.getloadavg()[0])
        without = _without(outcomes, Path(folder))
    report.show(outcomes, len(recipes), without, console)
    if keep:
        run = {"seed": seed, "by_chance": count, "seconds": round(time.monotonic() - begun)}
        record = report.record(outcomes, len(recipes), without, loads, run)
        console.print(f"Stored in {results.keep(record, FOLDER)}.")
    if any(figure.met is False for figure in report.figures(outcomes, len(recipes))):
        raise typer.Exit(1)


def _without(outcomes: list[trial.ClipOutcome], folder: Path) -> dict[str, float]:
    """Return the cost of the most expensive clip without each of its properties."""
    trial.warm_up(folder)
    for worst in report.edited(outcomes)[:1]:
        return cost.without(ClipRecipe.parse(worst.recipe), lambda each: trial.put_through(each, folder).cpu_seconds)
    return {}


def _outcomes(
    recipes: list[ClipRecipe], folder: Path, at_once: int, until: float, console: Console
) -> Iterator[trial.ClipOutcome]:
    """Process clips concurrently until the time is up. Failing recipes are shrunk."""
    with ProcessPoolExecutor(at_once, initializer=trial.warm_up, initargs=(folder,)) as pool:
        todo = {pool.submit(_tried, recipe, folder, until): recipe for recipe in recipes}
        for number, done in enumerate(as_completed(todo), start=1):
            if (outcome := done.result()) is not None:
                console.print(f"{number}/{len(recipes)} {outcome.verdict}: {outcome.recipe}", style="dim", markup=False)
                yield outcome


def _tried(recipe: ClipRecipe, folder: Path, until: float) -> trial.ClipOutcome | None:
    if time.monotonic() > until:
        return None
    outcome = trial.put_through(recipe, folder)
    if outcome.verdict != "wrong":
        return outcome
    return replace(outcome, shrunk=str(shrunk(recipe, partial(fails, folder=folder))))


def fails(recipe: ClipRecipe, folder: Path) -> bool:
    """Return whether a clip comes out wrong."""
    return trial.put_through(recipe, folder).verdict == "wrong"


if __name__ == "__main__":
    typer.run(main)
