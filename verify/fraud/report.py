"""The results of a simulation: a row for each scenario, and the figures with their goals."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from verify.fraud.playing import FraudOutcome
from verify.fraud.scenarios import SCENARIOS
from verify.kit import results
from verify.kit.figures import Figure, Goal

CAUGHT, WRONG = Goal("at most", 5, "value"), Goal("at most", 0.5, "value")


def figures(outcomes: Mapping[str, FraudOutcome]) -> list[Figure]:
    """Return the figures of a run."""
    found: list[Figure] = []
    for name, outcome in outcomes.items():
        scenario = SCENARIOS[name]
        if outcome.cast["farm"]:
            goal = CAUGHT if scenario.judged else None
            found.append(_figure(f"{scenario.title}: its votes that stay counted", outcome.farm_share, goal))
        found.append(_figure(f"{scenario.title}: people's votes held wrongly", outcome.wrong_share, WRONG))
    return found


def show(outcomes: Mapping[str, FraudOutcome], console: Console) -> None:
    """Print what was caught, what was caught wrongly, and why."""
    table = Table("scenario", "votes of", "cast", "held", "void by clusters", "stay counted")
    for name, outcome in outcomes.items():
        for origin in ("farm", "people"):
            cast, held, clustered = outcome.cast[origin], outcome.held[origin], outcome.clustered[origin]
            if cast:
                counts = (cast, held, clustered, cast - held - clustered)
                table.add_row(SCENARIOS[name].title, origin, *map(str, counts))
    console.print(table)
    for name, outcome in outcomes.items():
        why = ", ".join(f"{reason} {count}" for reason, count in outcome.reasons.most_common())
        console.print(f"{name}: {why or 'nothing is doubtful'}", style="dim", markup=False)
    results.show(figures(outcomes), console)


def record(outcomes: Mapping[str, FraudOutcome], loads: Sequence[float], run: dict[str, Any]) -> dict[str, Any]:
    """Return the record of a run."""
    counts = {
        name: {
            "cast": dict(outcome.cast),
            "held": dict(outcome.held),
            "void_by_clusters": dict(outcome.clustered),
            "reasons": dict(outcome.reasons.most_common()),
        }
        for name, outcome in outcomes.items()
    }
    return results.record(figures(outcomes), loads, 1) | run | {"scenarios": counts}


def _figure(name: str, share: float, goal: Goal | None) -> Figure:
    return Figure("fraud", name, "%", (round(share, 3),), goal=goal)
