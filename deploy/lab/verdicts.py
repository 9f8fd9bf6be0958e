"""Runs proofs over one lab, and tells what each found."""

import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from rich.console import Console
from rich.table import Table

from deploy.lab.meter import metered
from deploy.lab.stage import Stage, Verdict


@dataclass(frozen=True)
class Proved:
    """One promise and what was found."""

    promise: str
    goal: str
    verdict: Verdict
    seconds: float


def prove_all(stage: Stage, chosen: Sequence[ModuleType]) -> list[Proved]:
    """Run the proofs; one that fails is a verdict, and the next ones are run all the same."""
    with metered(stage):
        return [_prove(stage, proof) for proof in chosen]


def show(proved: Sequence[Proved], console: Console) -> bool:
    """Print the table and return whether everything holds that decides."""
    table = Table("what", "goal", "found", "holds", "s")
    for one in proved:
        table.add_row(
            one.promise, one.goal, one.verdict.figure, "yes" if one.verdict.holds else "NO", f"{one.seconds:.0f}"
        )
    console.print(table)
    for one in proved:
        for note in one.verdict.notes:
            console.print(f"  {one.promise}: {note}", style="dim", markup=False, highlight=False, soft_wrap=True)
    return all(one.verdict.holds or not one.verdict.decides for one in proved)


def _prove(stage: Stage, proof: ModuleType) -> Proved:
    stage.say(proof.PROMISE)
    begun = time.monotonic()
    try:
        verdict: Verdict = proof.prove(stage)
    except Exception as error:  # noqa: BLE001 - whatever it is, the promise was not kept
        stage.say(traceback.format_exc())
        verdict = Verdict("not kept", holds=False, notes=(f"{type(error).__name__}: {error}",))
    took = time.monotonic() - begun
    stage.say(f"  {'holds' if verdict.holds else 'DOES NOT HOLD'}: {verdict.figure} ({took:.0f} s)")
    return Proved(proof.PROMISE, proof.GOAL, verdict, took)
