"""The rules of the house that no ready-made linter knows; part of `make check`."""

import ast
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "anb"
LONGEST_FILE = 250
LONGEST_FUNCTION = 40
FEATURES = {"accounts", "videos", "jobs", "contest", "operators", "uploads", "storage"}
# How one feature may reach another; the heartbeat is the verb of jobs that runs beside the work.
DOORS = {"service", "domain", "heartbeat"}
# The pages are a second HTTP door: they read the same forms as the API.
FORMS = {"schemas", "uploads"}
DRAWERS = {"utils", "util", "helpers", "manager", "base", "common", "lib", "misc"}


def sources(*folders: str) -> Iterator[Path]:
    """Return our own Python files, migrations left out: those are records, not code."""
    for folder in folders:
        yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if "versions" not in path.parts)


def sizes() -> Iterator[str]:
    """Files and functions are short."""
    for path in sources("src", "bench", "chaos", "deploy", "tests"):
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > LONGEST_FILE:
            yield f"{path.relative_to(ROOT)}: over {LONGEST_FILE} lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} is over {LONGEST_FUNCTION} lines"


def doors() -> Iterator[str]:
    """A feature reaches another only through its service or domain."""
    for path in sources("src/anb"):
        room = path.relative_to(SOURCE).parts[0]
        open_doors = DOORS | FORMS if room == "pages" else DOORS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for feature, module in imported(node):
                if room in FEATURES | {"pages"} and feature != room and module not in open_doors:
                    yield f"{path.name}: {room} reaches into {feature}.{module}"


def imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Return the (feature, module) pairs that an import names."""
    if not isinstance(node, ast.ImportFrom) or not node.module or not node.module.startswith("anb."):
        return
    _, feature, *rest = node.module.split(".")
    if feature in FEATURES:
        yield from [(feature, rest[0])] if rest else [(feature, alias.name) for alias in node.names]


def names() -> Iterator[str]:
    """No drawer to throw things into; every module opens with the sentence that names its room."""
    for path in sources("src/anb", "deploy"):
        if path.stem in DRAWERS or path.parent.name in DRAWERS:
            yield f"{path.relative_to(ROOT)}: a drawer, not a room"
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))):
            yield f"{path.relative_to(ROOT)}: has no opening sentence"


def locks() -> Iterator[str]:
    """The lock files are what pyproject.toml asks for."""
    command: list[str | Path] = [sys.executable, ROOT / "requirements" / "lock.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    yield from (done.stdout + done.stderr).splitlines() if done.returncode else []


def migrations() -> Iterator[str]:
    """The migrations make the tables that the code expects."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support.schema import differences  # noqa: PLC0415 - starts an engine, so only when asked

    with tempfile.TemporaryDirectory() as folder:
        yield from differences(Path(folder))


GATES: list[Callable[[], Iterator[str]]] = [sizes, doors, names, locks, migrations]


def main() -> int:
    """Run every gate and print what breaks it."""
    broken = [f"{gate.__name__}: {line}" for gate in GATES for line in gate()]
    print("\n".join(broken) or f"Gates of our own: {', '.join(gate.__name__ for gate in GATES)} hold.")
    return min(len(broken), 1)


if __name__ == "__main__":
    sys.exit(main())
