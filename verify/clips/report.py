"""The results of a run of generated clips, as a table and as a file with seed, machine and commit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from rich.console import Console

from verify.clips.trial import BUDGET, ClipOutcome
from verify.kit import results
from verify.kit.figures import Figure, Goal

NONE = Goal("at most", 0, "value")


def figures(outcomes: Sequence[ClipOutcome], chosen: int) -> list[Figure]:
    """Return the run's figures, each with its goal; `chosen` clips were planned before the time ran out."""
    count = Counter(each.verdict for each in outcomes)
    costs = [each.cpu_seconds for each in edited(outcomes)]
    rows = [
        _figure("clips chosen", chosen),
        _figure("clips for which there was no time", chosen - len(outcomes), NONE),
        _figure("clips made", len(outcomes) - count["not made"]),
        _figure("edits that are right", count["right"]),
        _figure("refused rightly", count["refused rightly"]),
        _figure("wrong", count["wrong"], NONE),
        _figure("clips that could not be made", count["not made"], NONE),
    ]
    if not costs:
        return rows
    return [
        *rows,
        _figure("CPU of a second of clip, median", median(costs), unit="s"),
        _figure("CPU of a second of clip, worst", max(costs), unit="s"),
        _figure("clips above their budget", sum(cost > BUDGET for cost in costs), NONE),
    ]


def edited(outcomes: Sequence[ClipOutcome]) -> list[ClipOutcome]:
    """Return the clips with an edit, the most expensive first."""
    return sorted((each for each in outcomes if each.cpu_seconds), key=lambda each: -each.cpu_seconds)


def show(outcomes: Sequence[ClipOutcome], chosen: int, without: Mapping[str, float], console: Console) -> None:
    """Print the figures, the most expensive clip and its causes, and every finding with the command that repeats it."""
    results.show(figures(outcomes, chosen), console)
    for outcome in edited(outcomes)[:1]:
        console.print(f"Worst: {outcome.recipe}: {outcome.cpu_seconds:.1f} s", markup=False)
    for property_, spent in [*without.items()][:3]:
        console.print(f"  without {property_}: {spent:.1f} s", markup=False)
    for outcome in outcomes:
        if outcome.verdict in {"wrong", "not made"}:
            console.print(f'\nmake generated ONLY="{outcome.shrunk or outcome.recipe}"', style="red", markup=False)
            for fault in outcome.faults[:8]:
                console.print(f"  {fault}", markup=False)


def record(
    outcomes: Sequence[ClipOutcome],
    chosen: int,
    without: Mapping[str, float],
    loads: Sequence[float],
    run: dict[str, Any],
) -> dict[str, Any]:
    """Return the whole record of a run; `without` is the cost of the worst clip without each of its properties."""
    worst = edited(outcomes)[:5]
    refused = Counter(each.refused for each in outcomes if each.verdict == "refused rightly")
    return results.record(figures(outcomes, chosen), loads, 1) | {
        **run,
        "refused_rightly": dict(sorted(refused.items())),
        "most_expensive": {each.recipe: round(each.cpu_seconds, 2) for each in worst},
        "worst_without": dict(without),
        "findings": {
            each.recipe: {"shrunk": each.shrunk, "faults": each.faults[:8]}
            for each in outcomes
            if each.verdict in {"wrong", "not made"}
        },
    }


def _figure(name: str, value: float, goal: Goal | None = None, unit: str = "") -> Figure:
    return Figure("generated", name, unit, (value,), goal=goal)
