"""The results of a run, as a table and as a file with machine, commit and seed."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from verify.chaos import invariants
from verify.chaos.run import ChaosOutcome, ChaosPlan
from verify.kit import results
from verify.kit.figures import Figure, Goal, percentile

NONE = Goal("at most", 0, "value")
SOON = Goal("at most", 20, "value")
# A run without uploads and votes proves nothing. Every clip is good: only one whose job was hit again and again may end
# without an edit.
SOME, NEARLY_ALL = Goal("at least", 1, "value"), Goal("at least", 0.95, "value")
SHOWN = 5  # findings per check in the table


def findings(outcome: ChaosOutcome) -> dict[str, list[str]]:
    """Return every violation of each invariant."""
    found = {name: list(check(outcome.seen)) for name, check in invariants.CHECKS.items()}
    found["parts or jobs that did not come back"] = list(outcome.score.broken)
    found["names given before the bytes were safe"] = [] if outcome.order is None else outcome.order.findings
    return found


def figures(plan: ChaosPlan, outcome: ChaosOutcome) -> list[Figure]:
    """Return the run's figures, each with its goal."""
    score, seen = outcome.score, outcome.seen
    counts = Counter(entry.say for entry in seen.journal)
    faults = Goal("at least", plan.faults, "value")
    return [
        _count("faults injected", score.faults, faults, f"{score.together} of them while another one stood"),
        _count("uploads accepted", counts["accepted"], SOME),
        _count("of them over bad networks", invariants.over_bad_networks(seen), SOME),
        Figure("chaos", "share of them that became an edit", "", (_edited(outcome),), goal=NEARLY_ALL),
        _count("votes accepted", counts["voted"], SOME),
        _count("acts of organizers on clips", counts["acted"], SOME),
        _count("reviews of doubtful votes", counts["reviewed"], SOME),
        _count("jobs followed live to their end", counts["followed"], SOME),
        _count("sign-ups whose mail must arrive", counts["joined"], SOME),
        *(_count(name, len(cases), NONE) for name, cases in findings(outcome).items()),
        *_waits("worker killed → its job running again, p95", score.again, SOON),
        *_waits("queue back → a job begins, p95", score.moved, SOON),
        *_waits("whole stack killed → its jobs running again, p95", score.restarted),
        _count("videos made twice by a second try of a client", invariants.repeated(seen)),
        _count("mails that arrived twice, because the server's reply was lost", invariants.arrived_twice(seen)),
        _count("requests cut while every part is up", invariants.cut_at_rest(seen)),
        *([] if outcome.order is None else [_count("renames watched", outcome.order.renames)]),
    ]


def show(plan: ChaosPlan, outcome: ChaosOutcome, console: Console) -> None:
    """Print the table, the skipped faults, and the first violations."""
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


def record(plan: ChaosPlan, outcome: ChaosOutcome, loads: Sequence[float]) -> dict[str, Any]:
    """Return the whole record of a run."""
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


def _edited(outcome: ChaosOutcome) -> float:
    accepted = {entry.facts["video"] for entry in outcome.seen.journal if entry.say == "accepted"}
    known = outcome.seen.videos
    edited = sum(known[video].status == "processed" for video in accepted if video in known)
    return edited / len(accepted) if accepted else 0.0
