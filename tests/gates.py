"""The project's rules that no ready-made linter checks; part of `make check`."""

import ast
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import prose
from anb.engines import minimums
from support import one_place, sql_walls

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "anb"
LONGEST_UNREAD = 60  # days
LONGEST_FILE = 250
LONGEST_FUNCTION = 40
# People download this program as one file, and read it before they run it.
WHOLE = {"src/anb/votelog/verifier.py"}
FEATURES = {
    "accounts", "videos", "jobs", "contest", "operators", "resumable", "storage", "privacy", "factors", "mail",
    "sessions", "consents", "identities",
}  # fmt: skip
# How one feature may reach another; the heartbeat is the service of jobs that runs during the work, `processing` holds
# the services of videos that workers call, `removal` what a feature removes, `voters` who may not vote again, `seasons`
# and `entry` and `admission` the seasons and the clips that enter them, `listing` and `watching` the order of clips and
# the next one, `standings` a player's place, `holding` and `waiting` what waits for consent, `acting` tells
# endpoints who acts, `challenged` asks for a challenge before a vote, `limits` says when a figure calls for a person,
# and the rest are services of accounts and privacy.
DOORS = {
    "service", "domain", "heartbeat", "processing", "removal", "voters", "erasure", "acting", "links", "recovery",
    "changes", "invitations", "passwords", "security", "profile", "holding", "waiting", "export", "seasons", "entry",
    "joining", "changing_email", "taking_back", "verdict", "figures", "standings", "watching", "listing",
    "directory", "admission", "challenged", "limits",
}  # fmt: skip
# The pages are a second HTTP interface: they read the same forms as the API. Consents read a guardian's name and e-mail
# as accounts read a person's, and videos hold the endpoints of consents.
FORMS = {"schemas", "uploads", "season_schemas", "jury_schemas", "health"}
CLOCKS = {"time", "asyncio", "anyio", "trio", "gevent"}
CATCH_ALLS = {"utils", "util", "helpers", "manager", "base", "common", "lib", "misc"}


def sources(*folders: str) -> Iterator[Path]:
    """Return our own Python files, without migrations: those are records, not code."""
    for folder in folders:
        yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if "versions" not in path.parts)


def sizes() -> Iterator[str]:
    """Files and functions are short."""
    for path in sources("src", "deploy", "verify", "tests"):
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > LONGEST_FILE and str(path.relative_to(ROOT)) not in WHOLE:
            yield f"{path.relative_to(ROOT)}: over {LONGEST_FILE} lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} is over {LONGEST_FUNCTION} lines"


def doors() -> Iterator[str]:
    """A feature reaches another only through its service or domain."""
    for path in sources("src/anb"):
        package = path.relative_to(SOURCE).parts[0]
        open_doors = DOORS | FORMS if package in {"pages", "consents", "videos"} else DOORS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for feature, module in imported(node):
                if package in FEATURES | {"pages"} and feature != package and module not in open_doors:
                    yield f"{path.name}: {package} reaches into {feature}.{module}"


def imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Return the (feature, module) pairs that an import names."""
    if not isinstance(node, ast.ImportFrom) or not node.module or not node.module.startswith("anb."):
        return
    _, feature, *rest = node.module.split(".")
    if feature in FEATURES:
        yield from [(feature, rest[0])] if rest else [(feature, alias.name) for alias in node.names]


def names() -> Iterator[str]:
    """No module has a catch-all name, and each begins with a docstring."""
    for path in sources("src/anb", "deploy", "verify"):
        if path.stem in CATCH_ALLS or path.parent.name in CATCH_ALLS:
            yield f"{path.relative_to(ROOT)}: a name for everything, which says nothing"
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))):
            yield f"{path.relative_to(ROOT)}: has no opening sentence"


def classes() -> Iterator[str]:
    """Each class has a name of its own; test classes are named after what they test."""
    found: dict[str, list[str]] = {}
    for path in [*sources("src", "deploy", "verify", "tests"), ROOT / "hatch_build.py"]:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("Test"):
                found.setdefault(node.name, []).append(f"{path.relative_to(ROOT)}:{node.lineno}")
    for name, places in found.items():
        if len(places) > 1:
            yield f"{name} is the name of several classes: {', '.join(places)}"


def states(root: Path = ROOT) -> Iterator[str]:
    """State is made where the program is built, and frozen values are copied with changes, never written to."""
    calls = {"hasattr": ("src",), "object.__setattr__": ("src", "deploy", "verify", "tests")}
    for call, folders in calls.items():
        for path in (path for folder in folders for path in sorted((root / folder).rglob("*.py"))):
            source = path.read_text(encoding="utf-8")
            if call.rpartition(".")[2] not in source:
                continue  # reading the text is much faster than parsing it
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == call:
                    yield f"{path.relative_to(root)}:{node.lineno}: calls {call}"


def walls() -> Iterator[str]:
    """A feature's store names its own tables; exceptions are listed, each with a reason (sql_walls.py)."""
    yield from sql_walls.breaches(ROOT)


def places() -> Iterator[str]:
    """What is shared is written in one place; exceptions are listed, each with a reason (one_place.py)."""
    yield from one_place.repeated(ROOT)


def locks() -> Iterator[str]:
    """The lock files are what pyproject.toml asks for."""
    command: list[str | Path] = [sys.executable, ROOT / "requirements" / "lock.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    yield from (done.stdout + done.stderr).splitlines() if done.returncode else []


def addresses() -> Iterator[str]:
    """npm's lock files name no registry (made with `--omit-lockfile-registry-resolved`): users install from theirs."""
    command = [shutil.which("git") or "git", "ls-files", "*package-lock.json", "*npm-shrinkwrap.json"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    if not found:
        yield "no lock file of npm is found"
    for name in found:
        if '"resolved"' in (ROOT / name).read_text(encoding="utf-8"):
            yield f"{name}: says where its packages were fetched (resolved)"


def migrations() -> Iterator[str]:
    """The migrations make the tables that the code expects."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support.schema import differences  # noqa: PLC0415 - starts an engine, so only when asked

    with tempfile.TemporaryDirectory() as folder:
        yield from differences(Path(folder))


def versions(folder: Path = ROOT / "requirements") -> Iterator[str]:
    """No engine or library is older than minimums.toml allows, whatever is installed here."""
    known = minimums.known()
    for lock in ("run", "server", "hosts"):
        text = (folder / f"{lock}.txt").read_text(encoding="utf-8")
        for name, version in re.findall(r"^([a-z0-9_.-]+)==([\w.]+)", text, re.MULTILINE):
            least = known.wheels.get(name, "0")
            excused = {name, f"{name} {version.partition('.')[0]}"} & known.behind.keys()
            if minimums.older(version, least) and not excused:
                yield f"requirements/{lock}.txt: {name} {version} is behind known fixes: at least {least}"
    age = (datetime.now(UTC).date() - date.fromisoformat(known.checked)).days
    if age > LONGEST_UNREAD:
        print(f"minimums.toml was last compared with its sources {age} days ago: read them again")


def description() -> Iterator[str]:
    """Others can generate clients from the OpenAPI document."""
    from support.description import findings  # noqa: PLC0415 - builds the application, so only when asked

    yield from findings()


def english() -> Iterator[str]:
    """Replaced words are not used, and edited files stay plain English (prose.toml)."""
    yield from map(str, [*prose.prose(*prose.settings()["read"]), *prose.refused_words()])


def sleeps(folder: Path = ROOT / "tests") -> Iterator[str]:
    """Tests wait for conditions: only support/waiting.py sleeps, and each pause has its reason.

    Scripts that tests pass to child processes are text here, and may sleep: they play programs that hang.
    """
    for path in sorted(folder.rglob("*.py")):
        if path == folder / "support" / "waiting.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if is_sleep(node):
                place = f"{path.relative_to(folder)}:{getattr(node, 'lineno', 0)}"
                yield f"tests/{place}: sleeps; wait for a condition, or say why time must pass (support/waiting.py)"


def is_sleep(node: ast.AST) -> bool:
    """Say whether an expression or an import names a sleep, a clock's or a page's."""
    if isinstance(node, ast.ImportFrom):
        return node.module in CLOCKS and any(alias.name == "sleep" for alias in node.names)
    if not isinstance(node, ast.Attribute):
        return False
    of_clock = node.attr == "sleep" and isinstance(node.value, ast.Name) and node.value.id in CLOCKS
    return of_clock or node.attr == "wait_for_timeout"  # of a page


GATES: list[Callable[[], Iterator[str]]] = [
    english,  # those that take longest are first, so that no process waits for the last one
    locks,
    states,
    walls,
    sizes,
    doors,
    names,
    sleeps,
    classes,
    places,
    addresses,
    versions,
    migrations,
    description,
]


def violations(gate: Callable[[], Iterator[str]]) -> list[str]:
    """Return what breaks a gate."""
    return [f"{gate.__name__}: {line}" for line in gate()]


def main() -> int:
    """Run every gate, side by side, and print the violations."""
    with ProcessPoolExecutor() as pool:
        broken = [line for found in pool.map(violations, GATES) for line in found]
    print("\n".join(broken) or f"Gates of our own: {', '.join(gate.__name__ for gate in GATES)} hold.")
    return min(len(broken), 1)


if __name__ == "__main__":
    sys.exit(main())
