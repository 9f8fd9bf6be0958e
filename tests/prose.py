"""Our English, as a linter: words that were replaced, and constructions that a native writer would not use.

`python tests/prose.py [PATH …]` lists the findings below some paths; `make check` reads those that prose.toml names.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RULES = Path(__file__).with_name("prose.toml")
# They hold the words themselves, or a history that used others.
UNREAD = {"tests/prose.toml", "tests/prose.py", "tests/unit/test_prose.py", "CHANGELOG.md"}
RECORDS = ("/results/", "/migrations/versions/", "package-lock.json", ".svg", ".png")
_FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_NOT_PROSE = re.compile(r"`[^`\n]*`|\]\([^)]*\)|<[^>\n]*>")
_HELP = {"help", "description", "epilog"}


@dataclass(frozen=True)
class Rule:
    """A construction that is refused, and what to write instead."""

    name: str
    pattern: re.Pattern[str]
    instead: str


@dataclass(frozen=True)
class Finding:
    """Something to write in another way."""

    path: str
    line: int
    rule: str
    said: str
    instead: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: “{self.said}”; write {self.instead}"


@cache
def settings() -> Mapping[str, Any]:
    """Return what prose.toml says."""
    return tomllib.loads(RULES.read_text(encoding="utf-8"))


@cache
def rules() -> tuple[Rule, ...]:
    """Return the constructions that are refused."""
    return tuple(
        Rule(one["name"], re.compile(one["pattern"], re.MULTILINE), one["instead"]) for one in settings()["rule"]
    )


def findings_in(text: str, path: str, line: int = 1) -> Iterator[Finding]:
    """Find refused constructions in a paragraph that begins at a line."""
    plain = _NOT_PROSE.sub(lambda found: "X" + "\n" * found.group().count("\n"), text)
    for rule in rules():
        for found in rule.pattern.finditer(plain):
            said = plain[max(0, found.start() - 20) : found.end() + 30].replace("\n", " ").strip()
            yield Finding(path, line + plain.count("\n", 0, found.start()), rule.name, said, rule.instead)


def paragraphs(path: Path) -> Iterator[tuple[int, str]]:
    """Return what people read in a file, each with its line: pages, docstrings, comments, the help of commands."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield 1, _FENCED.sub(lambda block: "\n" * block.group().count("\n"), text)
        return
    yield from _comments(text)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if isinstance(said := node.body[0] if node.body else None, ast.Expr) and ast.get_docstring(node):
                yield said.lineno, ast.get_docstring(node, clean=False) or ""
        elif isinstance(node, ast.keyword) and node.arg in _HELP:
            texts = [one.value for one in ast.walk(node.value) if isinstance(one, ast.Constant)]
            yield from ((node.value.lineno, text) for text in texts if isinstance(text, str))


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Return comments; those of neighbouring lines as one."""
    begun, lines = 0, list[str]()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        if lines and token.start[0] != begun + len(lines):
            yield begun, "\n".join(lines)
            lines = []
        begun = begun if lines else token.start[0]
        lines.append(token.string.lstrip("# "))
    if lines:
        yield begun, "\n".join(lines)


def words_in(path: str, text: str) -> Iterator[Finding]:
    """Find words that a standard one has replaced, in prose, names and the path itself."""
    known: Mapping[str, str] = settings()["words"]
    allowed: Mapping[str, list[str]] = settings()["allowed"]
    pattern = re.compile(rf"(?<![^\W_])({'|'.join(known)})(?![^\W_])", re.IGNORECASE)
    for number, line in enumerate([path, *text.splitlines()]):
        for found in pattern.finditer(line):
            word = found.group().lower()
            if not any(re.search(one, line) for one in allowed.get(word, [])):
                yield Finding(path, number, "word", found.group(), known[word])


def tracked(*paths: str) -> list[str]:
    """Return our own files below some paths."""
    command = ["git", "ls-files", "--", *paths]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    files = (name for name in found if name not in UNREAD and not any(part in name for part in RECORDS))
    return [name for name in files if (ROOT / name).is_file()]


def prose(*paths: str) -> Iterator[Finding]:
    """Find refused constructions in the pages and the Python files below some paths."""
    for name in tracked(*paths) if paths else []:
        if name.endswith((".md", ".py")):
            for line, text in paragraphs(ROOT / name):
                yield from findings_in(text, name, line)


def refused_words() -> Iterator[Finding]:
    """Find replaced words in every text file that is ours."""
    for name in tracked():
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        yield from words_in(name, text)


def main(paths: Sequence[str]) -> int:
    """List findings, and how many there are of each rule."""
    found = [*prose(*(paths or ["."])), *refused_words()]
    print("\n".join(map(str, found)))
    print(", ".join(f"{name} {count}" for name, count in Counter(one.rule for one in found).most_common()) or "none")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
