"""`make fuzz`: every hostile file, ten thousand mutants of good clips, and real edits of some that pass.

`make fuzz MUTANTS=100000` takes longer; `--first 20000` begins at another number. A mutant is identified by its number,
so a reported one can be made again. It fails when something is raised that is neither a refusal nor an edit, when a
limit does not hold, and when anything is reached or left behind. A crash of the probe is a refusal, and is reported.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from support.hostile.corpus import ALL
from support.hostile.fuzz import MutantTally, run
from support.hostile.mutate import mutant
from support.hostile.trial import SandboxProbe, TrialOutcome, sandbox_probe

CHUNK = 250  # mutants per process
T = TypeVar("T")


def corpus(names: Sequence[str]) -> MutantTally:
    """Put hostile files through the whole pipeline."""
    return _in_a_probe({name: partial(SandboxProbe.put_through, make=ALL[name]) for name in names})


def edits(numbers: Sequence[int]) -> MutantTally:
    """Make real edits of mutants that the rules accept."""
    return _in_a_probe({f"edit of mutant {number}": partial(_edit, number=number) for number in numbers})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every stage and print the results."""
    asked = _asked(arguments)
    with ProcessPoolExecutor(asked.jobs, multiprocessing.get_context("spawn")) as pool:
        tallies = (
            [_stage(pool, "files made to harm", corpus, _dealt(list(ALL), 8 * asked.jobs))] if asked.corpus else []
        )
        numbers = range(asked.first, asked.first + asked.mutants)
        batches = [numbers[begin : begin + CHUNK] for begin in range(0, len(numbers), CHUNK)]
        probed = _stage(pool, "mutants", run, batches)
        chosen = sorted(probed.accepted)[:: max(len(probed.accepted) // max(asked.edits, 1), 1)][: asked.edits]
        tallies += [probed, _stage(pool, "edits of mutants", edits, _dealt(chosen, 4 * asked.jobs))]
    return int(any(tally.failures for tally in tallies))


def _stage(
    pool: Executor, name: str, work: Callable[[Sequence[T]], MutantTally], batches: Iterable[Sequence[T]]
) -> MutantTally:
    begun, whole = time.monotonic(), MutantTally()
    for tally in pool.map(work, batches):
        whole.add(tally)
    lines = [f"{name}: {whole.outcomes.total()} in {time.monotonic() - begun:.0f} s; longest {whole.longest:.1f} s"]
    lines[0] += f", largest {whole.largest >> 20} MB" if whole.largest else ""
    lines += [f"  {count:6}  {outcome}" for outcome, count in whole.outcomes.most_common()]
    lines += [f"  finding: {finding}" for finding in whole.findings]
    lines += [f"  FAILED: {failure}" for failure in whole.failures]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    return whole


def _in_a_probe(trials: dict[str, Callable[[SandboxProbe], TrialOutcome]]) -> MutantTally:
    tally = MutantTally()
    with tempfile.TemporaryDirectory(prefix="anb-fuzz-") as folder, sandbox_probe(Path(folder)) as place:
        for name, put_through in trials.items():
            try:
                outcome = put_through(place)
            except Exception:  # noqa: BLE001 - whatever is neither a refusal nor an edit is what we look for
                tally.outcomes["failed"] += 1
                tally.failures.append(f"{name}: {traceback.format_exc(limit=-3)}")
                continue
            tally.outcomes[outcome.verdict] += 1
            tally.longest = max(tally.longest, outcome.seconds)
            if outcome.touched or outcome.called or outcome.left:
                tally.failures.append(f"{name}: {outcome}")
    return tally


def _edit(place: SandboxProbe, number: int) -> TrialOutcome:
    return place.put_through(lambda path, _bait: _write(path, mutant(number)[1]))


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _dealt(things: Sequence[T], hands: int) -> list[Sequence[T]]:
    """Deal out items in turn, so that slow ones, which are neighbours, are spread."""
    return [things[hand::hands] for hand in range(hands) if things[hand::hands]]


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Probe, judge and edit what was made to harm.")
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first mutant")
    parser.add_argument("--edits", type=int, default=60, help="of accepted mutants")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--no-corpus", dest="corpus", action="store_false", help="mutants alone")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
