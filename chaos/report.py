"""What a run found, as a table for people and a file that says where, of what commit, and with which seed."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench import results
from bench.figures import Figure, Goal, percentile
from rich.console import Console
from rich.table import Table

from chaos import invariants
from chaos.run import Outcome, Plan

NONE = Goal("at most", 0, "value")
SOON = Goal("at most", 20, "value")
# A run that nobody could upload or vote in proves nothing. Each clip is good: only one that was struck down again and
# again may end without an edit.
SOME, NEARLY_ALL = Goal("at least", 1, "value"), Goal("at least", 0.95, "value")
SHOWN = 5  # findings of a check that the table quotes


def findings(outcome: Outcome) -> dict[str, list[str]]:
    """Return, for each invariant, every case in which it is broken."""
    found = {name: list(check(outcome.seen)) for name, check in invariants.CHECKS.items()}
    found["parts or jobs that did not come back"] = list(outcome.score.broken)
    found["names given before the bytes were safe"] = [] if outcome.order is None else outcome.order.findings
    return found


def figures(plan: Plan, outcome: Outcome) -> list[Figure]:
    """Return the run's figures, each with its goal."""
    score, seen = outcome.score, outcome.seen
    said = Counter(entry.say for entry in seen.journal)
    faults = Goal("at least", plan.faults, "value")
    return [
        _count("faults injected", score.faults, faults, f"{score.together} of them while another one stood"),
        _count("uploads accepted", said["accepted"], SOME),
        Figure("chaos", "share of them that became an edit", "", (_edited(outcome),), goal=NEARLY_ALL),
        _count("votes accepted", said["voted"], SOME),
        *(_count(name, len(cases), NONE) for name, cases in findings(outcome).items()),
        *_waits("worker killed → its job running again, p95", score.again, SOON),
        *_waits("queue back → a job begins, p95", score.moved, SOON),
        *_waits("whole stack killed → its jobs running again, p95", score.restarted),
        _count("videos made twice by a second try of a client", invariants.repeated(seen)),
        _count("requests cut while every part is up", invariants.cut_at_rest(seen)),
        *([] if outcome.order is None else [_count("renames watched", outcome.order.renames)]),
    ]


def show(plan: Plan, outcome: Outcome, console: Console) -> None:
    """Print the table, what was skipped, and the first cases of what is broken."""
    table = Table("figure", "value", "goal", "met")
    for figure in figures(plan, outcome):
        named = f"{figure.name}\n[dim]{figure.note}[/]" if figure.note else figure.name
        table.add_row(
            named, results.said(figure.value, figure.unit), str(figure.goal or "-"), results.MARKS[figure.met]
        )
    console.print(table)
    for name, why in outcome.score.skipped.items():
        console.print(f"skipped: {name} ({why})", style="yellow")
    for name, cases in findings(outcome).items():
        for case in cases[:SHOWN]:
            console.print(f"{name}: {case}", style="red", markup=False)


def record(plan: Plan, outcome: Outcome, loads: Sequence[float]) -> dict[str, Any]:
    """Return all there is to say about a run."""
    score = outcome.score
    kept = results.record(figures(plan, outcome), loads, 1)
    return kept | {
        "seed": plan.seed,
        "seconds": round(outcome.seconds),
        "faults": dict(Counter(name for one in score.struck for name in one.names)),
        "together": [" + ".join(one.names) for one in score.struck if len(one.names) > 1],
        "skipped": score.skipped,
        "missed": score.missed,
        "findings": {name: cases for name, cases in findings(outcome).items() if cases},
    }


def _count(name: str, number: int, goal: Goal | None = None, note: str = "") -> Figure:
    return Figure("chaos", name, "", (number,), goal=goal, note=note)


def _waits(name: str, seconds: list[float], goal: Goal | None = None) -> list[Figure]:
    if not seconds:
        return []
    note = f"of {len(seconds)}; the longest {max(seconds):.1f} s"
    return [Figure("chaos", name, "s", tuple(seconds), goal=goal, at=percentile(seconds, 95), note=note)]


def _edited(outcome: Outcome) -> float:
    accepted = {entry.facts["video"] for entry in outcome.seen.journal if entry.say == "accepted"}
    known = outcome.seen.videos
    edited = sum(known[video].status == "processed" for video in accepted if video in known)
    return edited / len(accepted) if accepted else 0.0
