"""The simulation of fraud (`make fraud`): how many votes of farms stay counted, and of people are held wrongly."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from verify.bench.contest.serving import SUITE
from verify.kit.figures import Figure, Goal
from verify.kit.results import ROOT

UNSEEN = "careful"  # real browsers: a farm that the rules are known not to see
CAUGHT, WRONG = Goal("at most", 5, "value"), Goal("at most", 0.5, "value")
Scenarios = Mapping[str, Mapping[str, Mapping[str, int]]]


def simulated(*_: Any) -> list[Figure]:  # noqa: ANN401 - it needs no platform
    """Play every scenario; the simulation has a database of its own."""
    with tempfile.TemporaryDirectory(prefix="anb-bench-fraud-") as folder:
        command = [sys.executable, "-m", "verify.fraud", "--keep", "--folder", folder]
        subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)  # 1: a goal of its own was missed
        (result,) = Path(folder).glob("*.json")
        run = json.loads(result.read_text("utf-8"))
    return figures(run["scenarios"])


def figures(scenarios: Scenarios) -> list[Figure]:
    """Sum the scenarios, of farms but the one that the rules are known not to see, and of all people."""
    farms = [outcome for name, outcome in scenarios.items() if name != UNSEEN]
    counted = 100 - _share(farms, "farm", ("held", "void_by_clusters"))
    wrong = _share(scenarios.values(), "people", ("held", "void_by_clusters"))
    note = f"of {', '.join(scenarios)}"
    return [
        Figure(SUITE, "fraud: farms' votes that stay counted", "%", (counted,), goal=CAUGHT, note=f"all but {UNSEEN}"),
        Figure(SUITE, "fraud: people's votes held wrongly", "%", (wrong,), goal=WRONG, note=note),
    ]


def _share(outcomes: Iterable[Mapping[str, Mapping[str, int]]], who: str, what: tuple[str, ...]) -> float:
    """Return how many per cent of the votes that some cast had one of these ends."""
    all_of = list(outcomes)
    cast = sum(outcome["cast"].get(who, 0) for outcome in all_of)
    return 100 * sum(outcome[end].get(who, 0) for outcome in all_of for end in what) / cast
