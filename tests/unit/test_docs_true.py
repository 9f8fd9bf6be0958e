"""Everything that the docs name exists: links, headings, files, functions, settings, make targets and commands."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import typer.main

from anb import cli
from anb.settings import Settings, StackSettings

ROOT = Path(__file__).parents[2]
PAGES = [
    path
    for folder in (".", "docs", "verify")
    for path in sorted((ROOT / folder).glob("*.md" if folder == "." else "**/*.md"))
    if "node_modules" not in path.parts  # what npm fetched for the foreign clients is others' prose
]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
OURS = re.compile(r"^(?:src|tests|requirements|docs|verify|deploy|\.ci)/[\w./-]+$")


def prose(page: str) -> str:
    return FENCE.sub("", (ROOT / page).read_text(encoding="utf-8"))


def shell(page: str) -> list[str]:
    """Return the commands that a page tells people to type, without comments."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = "".join(body for language, body in FENCE.findall(text) if language == "sh")
    return [line.partition("#")[0].strip() for line in blocks.splitlines()]


@cache
def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def defined(path: Path) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, kinds)}


def broken(page: str) -> list[str]:
    """Return a page's broken links, and those to a file that lacks the name they show."""
    found = []
    for shown, target in LINK.findall(prose(page)):
        if target.startswith(("http://", "https://")):
            continue
        where, _, anchor = target.partition("#")
        path = (ROOT / page).parent / where if where else ROOT / page
        name = shown.strip("`")
        if not path.exists() or (anchor and anchor not in anchors(path)):
            found.append(target)
        elif name.isidentifier() and shown.startswith("`") and path.suffix == ".py" and name not in defined(path):
            found.append(f"{name} in {target}")
    return found


@pytest.mark.parametrize("page", NAMES)
def test_every_link_leads_somewhere_and_shows_what_is_there(page: str) -> None:
    assert broken(page) == []


@pytest.mark.parametrize("page", NAMES)
def test_every_file_that_is_named_exists(page: str) -> None:
    named = [code for code in CODE.findall(prose(page)) if OURS.match(code)]
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", NAMES)
def test_every_setting_that_is_named_exists(page: str) -> None:
    known = {f"ANB_{name.upper()}" for kind in (Settings, StackSettings) for name in kind.model_fields}
    named = set(re.findall(r"\bANB_[A-Z_]+\b", (ROOT / page).read_text(encoding="utf-8")))
    assert named - known == set()


@pytest.mark.parametrize("page", NAMES)
def test_every_make_target_that_is_named_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    typed = [*CODE.findall(prose(page)), *shell(page)]
    named = {word for line in typed for word in re.findall(r"\bmake (?:[A-Z]+=\S+ )?([a-z]+(?:-[a-z]+)*)", line)}
    assert named - targets == set()


@pytest.mark.parametrize("page", NAMES)
def test_every_command_that_is_named_exists(page: str) -> None:
    commands = known_commands()
    typed = [*CODE.findall(prose(page)), *shell(page)]
    named = {line for line in typed if re.match(r"(?:\S*/)?anb [a-z]", line)}
    assert {line for line in named if not any(words(line)[: len(one)] == one for one in commands)} == set()


def known_commands() -> list[list[str]]:
    """Return each command of `anb`, word by word."""
    root = typer.main.get_group(cli.app)
    found = []
    for name, command in root.commands.items():
        found.append([name])
        found += [[name, child] for child in getattr(command, "commands", {})]
    return found


def words(line: str) -> list[str]:
    return line.split()[1:]


@cache
def source() -> str:
    """Return all our code that runs somewhere as one text."""
    folders = (ROOT / "src" / "anb", ROOT / "deploy" / "hosts")
    return "".join(path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.rglob("*.py")))


def symptoms() -> list[str]:
    """Return the first cells of the tables of the page on troubleshooting."""
    rows = re.findall(r"^\| (`[^|]+?) \|", prose("docs/how-to/troubleshoot.md"), re.MULTILINE)
    return [code for row in rows for code in CODE.findall(row)]


@pytest.mark.parametrize("said", symptoms())
def test_every_event_and_every_line_that_is_explained_is_really_said(said: str) -> None:
    parts = [part.strip() for part in said.split("…") if len(part.strip()) > len("in s")]
    plain = source().replace("`", "")
    assert [part for part in parts if part not in plain] == []


def test_every_decision_and_every_room_is_in_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = [*(ROOT / "docs" / "decisions").glob("*.md"), *(ROOT / "docs" / "packages").glob("*.md")]
    assert [path.name for path in pages if path.name not in index] == []


def test_every_package_has_a_page() -> None:
    packages = {path.parent.name for path in (ROOT / "src" / "anb").glob("*/__init__.py")}
    assert packages - {path.stem for path in (ROOT / "docs" / "packages").glob("*.md")} == set()


def test_every_package_that_checks_the_platform_has_a_page_or_a_section() -> None:
    packages = {path.parent.name for path in (ROOT / "verify").glob("*/__init__.py")}
    pages = {path.stem for path in (ROOT / "docs" / "packages").glob("*.md")}
    assert packages - pages == anchors(ROOT / "docs" / "packages" / "verify.md") - {"verify"}


def test_the_rendering_of_nginx_that_the_docs_show_works(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "run-on-servers.md").read_text(encoding="utf-8")
    (snippet,) = [body for language, body in FENCE.findall(page) if language == "python"]
    written = tmp_path / "nginx.conf"
    exec(compile(snippet.replace("/etc/nginx/nginx.conf", str(written)), "run-on-servers.md", "exec"), {})  # noqa: S102
    assert "unix:/run/anb/web.sock" in written.read_text(encoding="utf-8")


class TestThePapersAreReallyRead:
    """Each of the checks above finds its own fault."""

    def test_a_broken_link_is_found(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "code.py").write_text("def here(): ...\n")
        (tmp_path / "a.md").write_text("# A b\n[x](none.md) [y](#c) [y](#a-b) [`gone`](code.py) [`here`](code.py)\n")
        monkeypatch.setitem(globals(), "ROOT", tmp_path)
        assert broken("a.md") == ["none.md", "#c", "gone in code.py"]
