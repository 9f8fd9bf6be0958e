"""The results of a race, as a table and as a file with machine and commit."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from verify.kit import results
from verify.kit.figures import Figure, Goal
from verify.votes.race import RaceOutcome

NONE = Goal("at most", 0, "value")
SHOWN = 10  # findings in the table


def figures(outcome: RaceOutcome) -> list[Figure]:
    """Return the figures of a race, each with its goal."""
    wanted, counted = outcome.plan.wanted, outcome.counted
    rows, leaves = counted["rows of votes"], counted["leaves of votes"]
    died = ", ".join(outcome.broken)
    told = ", ".join(f"{name}: {count}" for name, count in sorted(outcome.answers.items()))
    return [
        _count("votes counted", rows, Goal("at least", wanted, "value"), told),
        _count("votes lost", max(wanted - min(rows, leaves), 0), NONE, f"meanwhile: {died}"),
        _count("votes doubled", max(max(rows, leaves) - wanted, 0) + outcome.twice, NONE),
        _count("differences between rows, tallies, log, checkpoints and promises", len(outcome.findings), NONE,
               f"{outcome.checkpoints} checkpoints were seen meanwhile, {outcome.promises} promises checked"),
        Figure("votes", "votes per second while parts die", "votes/s", (wanted / outcome.seconds,)),
    ]  # fmt: skip


def show(outcome: RaceOutcome, console: Console) -> None:
    """Print the figures and the first findings."""
    results.show(figures(outcome), console)
    for finding in outcome.findings[:SHOWN]:
        console.print(finding, style="red", markup=False, soft_wrap=True)


def record(outcome: RaceOutcome, loads: Sequence[float]) -> dict[str, Any]:
    """Return the whole record of a race."""
    return results.record(figures(outcome), loads, 1) | {
        "clips": outcome.plan.clips,
        "processes": outcome.plan.processes,
        "seconds": round(outcome.seconds),
        "died": outcome.broken,
        "answers": dict(outcome.answers),
        "counted": outcome.counted,
        "findings": outcome.findings,
    }


def _count(name: str, number: int, goal: Goal | None = None, note: str = "") -> Figure:
    return Figure("votes", name, "", (number,), goal=goal, note=note)
