"""Lists stored results that are older than the code they measure, as warnings.

Run `python -m verify.kept`. Every kind of result is a line in `KINDS`.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verify.mutation import scores
from verify.mutation.__main__ import measured_modules
from verify.mutation.mutants import module_name

ROOT = Path(__file__).parents[1]
WHAT_CARRIES_BODIES = (
    "src/anb/resumable", "src/anb/videos", "src/anb/web", "src/anb/engines", "src/anb/pages/static", "src/anb/settings"
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """Results of one suite, and the code they measure."""

    name: str
    folder: str
    code: tuple[str, ...]
    again: str  # the command for a new result
    files: str = "*.json"  # pattern of the results in the folder
    suite: str = ""  # of a benchmark: only results with figures of this suite


WHAT_EDITS = ("src/anb/media", "src/anb/adapters/media")

WHAT_DIES = tuple(
    f"src/anb/{name}"
    for name in ("jobs", "resumable", "videos", "contest", "streams", "engines", "local", "process", "worker.py")
)
BENCH = "verify/bench/results"

KINDS = (
    Kind("network matrix", "verify/network/results", ("verify/network", *WHAT_CARRIES_BODIES), "make network"),
    Kind("generated clips", "verify/clips/results", ("verify/clips", *WHAT_EDITS), "make generated"),
    Kind(
        "300 faults", "verify/chaos/results", ("verify/chaos", *WHAT_DIES), "make chaos-long", files="*-300-faults.json"
    ),
    Kind(
        "fraud simulation",
        "verify/fraud/results",
        ("verify/fraud", "src/anb/fraud", "src/anb/settings/fraud.py"),
        "make fraud",
    ),
    Kind(
        "racing votes",
        "verify/votes/results",
        ("verify/votes", *(f"src/anb/{name}" for name in ("votelog", "counting", "contest"))),
        "make crowd-votes",
    ),
    Kind("lab", "verify/lab/results", ("deploy", "verify/lab"), "make lab KEEP=1"),
    Kind("crowds", BENCH, WHAT_CARRIES_BODIES, "python -m verify.bench --repeats 2 crowd-web", suite="crowd-web"),
    Kind("cost of the edit", BENCH, WHAT_EDITS, "python -m verify.bench edit cell hostile", suite="edit"),
)


def newest(kind: Kind, root: Path) -> dict[str, Any] | None:
    """Return the header of a suite's newest result."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in (root / kind.folder).glob(kind.files)]
    mine = [result for result in found if not kind.suite or kind.suite in {one["suite"] for one in result["figures"]}]
    return max(mine, key=lambda result: str(result["date"]), default=None)


def warnings(kinds: tuple[Kind, ...] = KINDS, root: Path = ROOT) -> Iterator[str]:
    """Yield a sentence for each suite whose newest result is older than its code, or that has none."""
    for kind in kinds:
        result = newest(kind, root)
        if result is None:
            yield f"{kind.name}: no result is stored; {kind.again}"
            continue
        since = changes(result["commit"], kind.code, kind.folder, root)
        if since is None:
            yield f"{kind.name}: its result's commit {result['commit'][:10]} is not in this history; {kind.again}"
        elif since:
            yield (
                f"{kind.name}: its result of {result['date'][:10]} is {len(since)} commits older than its code"
                f" (last: {since[0]}); {kind.again}"
            )


def changes(commit: str, code: tuple[str, ...], results: str, root: Path) -> list[str] | None:
    """Return the commits since `commit` that change the code, newest first, or None if the commit is unknown."""
    git = shutil.which("git") or "git"
    command = [git, "log", "--format=%h %s", f"{commit}..HEAD", "--", *code, f":(exclude){results}"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return None if done.returncode else done.stdout.splitlines()


def unscored() -> Iterator[str]:
    """Yield a sentence if modules have changed since their mutation score was stored."""
    modules = [module_name(path) for path in measured_modules()]
    if stale := scores.outdated(modules):
        yield f"mutation: {len(stale)} of {len(modules)} modules have changed since, or have no score; make mutation"


def main() -> None:
    """Print the warnings."""
    for warning in (*warnings(), *unscored()):
        print(f"warning: {warning}")


if __name__ == "__main__":
    main()
