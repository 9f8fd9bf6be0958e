"""Checks the form of new commits; `.ci/run` runs it, and you can, too: `python3 tests/commits.py`.

Commits are new when the remote's main branch does not have them or, without a remote, when they follow the one that
commits_since.txt names. Merges are left out: Git hosts write their subjects.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SINCE = ROOT / "tests" / "commits_since.txt"
UPSTREAM = ("upstream/main", "origin/main")
LONGEST = 72
# Imperatives that end as a participle does.
ORDERS = {"bring", "embed", "exceed", "feed", "need", "proceed", "seed", "shed", "shred", "speed", "string", "succeed"}
AREA = re.compile(r"^[A-Z][A-Za-z-]*: ")  # "Docs: say how long CI takes"


def faults(message: str) -> Iterator[str]:
    """Say what is wrong with a commit's message."""
    subject, *rest = message.rstrip("\n").split("\n")
    if len(subject) > LONGEST:
        yield f"its subject has {len(subject)} characters; at most {LONGEST}"
    if not subject[:1].isupper():
        yield "its subject begins with no capital"
    if subject.endswith("."):
        yield "its subject ends with a period"
    verb = re.split(r"\W", AREA.sub("", subject).lower(), maxsplit=1)[0]
    if verb.endswith(("ed", "ing")) and verb not in ORDERS:
        yield f"its subject is no order: {verb}"
    if rest and rest[0]:
        yield "no empty line follows its subject"


def git(folder: Path, *words: str) -> str | None:
    """Return git's output; None if it fails."""
    done = subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True, check=False)  # noqa: S607
    return done.stdout.strip() if done.returncode == 0 else None


def base(folder: Path, since: Path) -> str | None:
    """Return the last commit that is not new; None if the history does not reach back that far."""
    for branch in UPSTREAM:
        if found := git(folder, "merge-base", "HEAD", branch):
            return found
    named = since.read_text(encoding="ascii").split()[0]
    return named if git(folder, "merge-base", "--is-ancestor", named, "HEAD") is not None else None


def new(folder: Path, known: str) -> Sequence[tuple[str, str]]:
    """Return the id and message of each commit after a known one."""
    said = git(folder, "log", "--no-merges", "--format=%h%n%B%x00", f"{known}..HEAD") or ""
    commits = [one.strip("\n").partition("\n") for one in said.split("\0") if one.strip()]
    return [(commit, message) for commit, _, message in commits]


def main(folder: Path = ROOT, since: Path = SINCE) -> int:
    """Print what is wrong with new commits; return 1 if something is."""
    known = base(folder, since)
    if known is None:
        print("Commits: NOT CHECKED; this history does not reach back to what was there before (a shallow clone?).")
        return 0
    found = new(folder, known)
    wrong = [f"commit {commit}: {fault}" for commit, message in found for fault in faults(message)]
    print("\n".join(wrong) or f"Commits: {len(found)} new ones keep the form.")
    return min(len(wrong), 1)


if __name__ == "__main__":
    sys.exit(main())
