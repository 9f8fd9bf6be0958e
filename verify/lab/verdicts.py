"""Runs proofs with one lab and prints their verdicts."""

import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from rich.console import Console
from rich.table import Table

from verify.lab.meter import metered
from verify.lab.proof_run import ProofRun, ProofVerdict


@dataclass(frozen=True)
class Proved:
    """One promise and its verdict."""

    promise: str
    goal: str
    verdict: ProofVerdict
    seconds: float


def prove_all(lab: ProofRun, chosen: Sequence[ModuleType]) -> list[Proved]:
    """Run the proofs. A failure is a verdict, and the next ones still run."""
    with metered(lab):
        return [_prove(lab, proof) for proof in chosen]


def show(proved: Sequence[Proved], console: Console) -> bool:
    """Print the table. Return whether every deciding promise holds."""
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


def _prove(lab: ProofRun, proof: ModuleType) -> Proved:
    lab.say(proof.PROMISE)
    begun = time.monotonic()
    try:
        verdict: ProofVerdict = proof.prove(lab)
    except Exception as error:  # noqa: BLE001 - after any error, the promise was not kept
        lab.say(traceback.format_exc())
        verdict = ProofVerdict("not kept", holds=False, notes=(f"{type(error).__name__}: {error}",))
    took = time.monotonic() - begun
    lab.say(f"  {'holds' if verdict.holds else 'DOES NOT HOLD'}: {verdict.figure} ({took:.0f} s)")
    return Proved(proof.PROMISE, proof.GOAL, verdict, took)
