"""`python -m verify.mutation [MODULE …]`: mutate modules, run the tests that could notice, and print the score."""

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from verify.mutation import scores
from verify.mutation.choosing import Contexts
from verify.mutation.mutants import ROOT, SOURCE, Mutant, module_name, mutants_of
from verify.mutation.scores import Tried
from verify.mutation.trial import MutantVerdict, Trials, trials

# The modules that count for the score: rules, services, SQL, and the web package.
PATTERNS = (
    "*/domain.py", "*/service.py", "*/store.py", "jobs/transitions.py", "jobs/queue_position.py",
    "videos/processing.py", "db/paging.py", "web/*.py",
)  # fmt: skip
FIRST, MORE = 10, 30  # tests that run first, and further ones if the first do not notice
SAMPLED = 8  # modules in a sample


def measured_modules() -> list[Path]:
    """Return the files to mutate."""
    found = {path for pattern in PATTERNS for path in (SOURCE / "anb").glob(pattern)}
    return sorted(path for path in found if path.name != "__init__.py")


def asked(names: Sequence[str]) -> list[Path]:
    """Return the files whose module name contains one of these; all without names."""
    return [path for path in measured_modules() if not names or any(name in module_name(path) for name in names)]


def verdict_of(trial: Trials, contexts: Contexts, mutant: Mutant, bad: set[str], limit: float) -> MutantVerdict:
    """Run the tests that could notice a mutant, the nearest first, for at most `limit` seconds."""
    tests = [test for test in contexts.of(mutant) if test not in bad]
    if not tests:
        return MutantVerdict.UNRUN
    first, more = tests[:FIRST], tests[FIRST : FIRST + MORE]
    verdict = trial.run(mutant, first, limit)
    if verdict is MutantVerdict.SURVIVED and more:
        verdict = trial.run(mutant, more, 3 * limit)
        # Only now check whether these pass without the mutant, for they are many.
        if (
            verdict is not MutantVerdict.SURVIVED
            and trial.run(unchanged(mutant), more, 6 * limit) is not MutantVerdict.SURVIVED
        ):
            return MutantVerdict.SURVIVED
    return verdict


def unchanged(mutant: Mutant) -> Mutant:
    """Return a mutant without its change. If a test noticed it, no verdict would be valid."""
    path = SOURCE.joinpath(*mutant.module.split(".")).with_suffix(".py")
    return replace(mutant, text=path.read_text(encoding="utf-8"))


def try_module(trial: Trials, contexts: Contexts, mutants: Sequence[Mutant], deadline: float) -> Iterator[Tried]:
    """Try mutants one after another until the time is over."""
    listed = scores.equivalents()
    chosen = {test for mutant in mutants for test in contexts.of(mutant)[:FIRST]}
    bad = trial.failing(sorted(chosen))
    begun = time.monotonic()
    if mutants and verdict_of(trial, contexts, unchanged(mutants[0]), bad, 600) not in (
        MutantVerdict.SURVIVED,
        MutantVerdict.UNRUN,
    ):
        raise SystemExit(f"The tests of {mutants[0].module} fail without a mutant: {trial.log.read_text()[-2000:]}")
    # The time limit of a mutant depends on how long this machine takes for the unchanged code.
    limit = max(60, 5 * (time.monotonic() - begun))
    for mutant in mutants:
        if time.monotonic() > deadline:
            return
        known = mutant.id in listed
        verdict = MutantVerdict.EQUIVALENT if known else verdict_of(trial, contexts, mutant, bad, limit)
        if verdict in (MutantVerdict.SURVIVED, MutantVerdict.UNRUN):
            print(f"  {verdict} {mutant.module}:{mutant.line}\n    - {mutant.before}\n    + {mutant.after}", flush=True)
        yield Tried(mutant, verdict)


def chosen(options: argparse.Namespace) -> list[Path]:
    """Return the files to mutate; for a sample a few of them, those with an outdated score first."""
    paths = asked(options.modules)
    if not options.sample:
        return paths
    stale = scores.outdated(map(module_name, paths))
    random.Random(options.seed).shuffle(paths)
    return sorted(paths, key=lambda path: module_name(path) not in stale)[:SAMPLED]


def run(options: argparse.Namespace, contexts: Contexts) -> list[Tried]:
    """Mutate the chosen modules."""
    every: list[Tried] = []
    paths = chosen(options)
    deadline = time.monotonic() + options.minutes * 60
    with trials() as trial:
        for number, path in enumerate(paths):
            if time.monotonic() > deadline:
                print(f"Out of time: {len(paths) - number} of {len(paths)} modules were not begun.", flush=True)
                break
            module, text = module_name(path), scores.digest(module_name(path))
            mutants = mutants_of(path)
            random.Random(f"{options.seed} {module}").shuffle(mutants)
            share = -(-(options.sample - len(every)) // (len(paths) - number)) if options.sample else len(mutants)
            tried = list(try_module(trial, contexts, mutants[: min(share, options.each)], deadline))
            every += tried
            shown = "nothing to try" if (share_noticed := scores.score(tried)) is None else f"{share_noticed:.0%}"
            print(f"{module}: {shown} ({len(tried)} of {len(mutants)} mutants tried)", flush=True)
            if options.keep and tried:
                scores.keep(module, scores.entry(tried, len(mutants), options.seed), text)
    return every


def make_contexts(path: Path) -> None:
    """Run the unit and integration tests once, and record which test ran which line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n2", "--dist=worksteal", "-m", "not slow and not byhand",
               "--cov=anb", "--cov-context=test", "--cov-report=", "tests/unit", "tests/integration"]  # fmt: skip
    subprocess.run(command, cwd=ROOT, env=os.environ | {"COVERAGE_FILE": str(path)}, check=True)


def main() -> int:
    """Run the command. Fail if a sample is far below the goal."""
    parser = argparse.ArgumentParser(prog="python -m verify.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help="parts of modules' names, such as jobs.store; all by default")
    parser.add_argument("--contexts", type=Path, help="coverage data made with --cov-context=test; created if left out")
    parser.add_argument("--sample", type=int, default=0, help="number of mutants in all, from a few modules")
    parser.add_argument("--each", type=int, default=10**6, help="maximum of mutants per module")
    parser.add_argument("--minutes", type=float, default=240)
    parser.add_argument("--seed", type=int, default=12)
    parser.add_argument("--keep", action="store_true", help=f"store the scores in {scores.KEPT.relative_to(ROOT)}")
    options = parser.parse_args()
    contexts = options.contexts or ROOT / "var" / "mutation" / "contexts"
    if not options.contexts:
        make_contexts(contexts)
    every = run(options, Contexts(contexts))
    found = scores.score(every)
    if stale := scores.outdated(map(module_name, measured_modules())):
        print(f"Scores are missing or outdated for: {', '.join(stale)}.")
    print("No mutant was tried." if found is None else f"Noticed: {found:.1%}; the goal is {scores.GOAL:.0%}.")
    return 1 if options.sample and scores.is_far_below_goal(every) else 0


if __name__ == "__main__":
    sys.exit(main())
