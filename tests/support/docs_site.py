"""The parts of the docs' site that the theme lacks: navigation, and links that leave docs/."""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

OUTSIDE = "repository"  # the site's folder for files outside docs/
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)
# Git hosts begin a list right below a line of text; Python-Markdown needs an empty line between them.
LIST_BELOW_TEXT = re.compile(r"^(?![-*] |[#|>]|\d+\. )(\S.*)\n(?=- |1\. )", re.MULTILINE)
LANGUAGES = {".py": "python", ".toml": "toml", ".js": "javascript", ".json": "json", ".yaml": "yaml", ".j2": "jinja"}

Navigation = list[str | dict[str, list[str]]]


def address(root: Path, path: str) -> str:
    """Return the site's page, as its source is named, that shows a file or a folder of the repository."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    seen = "/".join(part.lstrip(".") for part in path.split("/"))  # mkdocs ignores names that begin with a dot
    if (root / path).is_dir():
        return f"{OUTSIDE}/{seen}/index.md"
    return f"{OUTSIDE}/{seen}" if path.endswith(".md") else f"{OUTSIDE}/{seen}.md"


def links(text: str, page: str) -> set[str]:
    """Return the paths in the repository to which the links of a page lead."""
    return {path for _, target in LINK.findall(FENCE.sub("", text)) if (path := _within(target, page))}


def _within(target: str, page: str) -> str:
    """Return the path to which a link leads; None if it leaves the repository or stays on its page."""
    where = target.partition("#")[0]
    if not where or "://" in where or where.startswith("mailto:"):
        return ""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), where))


def prepared(root: Path, text: str, page: str) -> str:
    """Return a page of the repository with the site's links, and an empty line before each list."""
    folder = posixpath.dirname(address(root, page))

    def moved(link: re.Match[str]) -> str:
        path = _within(link[2], page)
        if not path:
            return link[0]
        _, mark, anchor = link[2].partition("#")
        return f"[{link[1]}]({posixpath.relpath(address(root, path), folder or '.')}{mark}{anchor})"

    parts = FENCE.split(text)
    parts[::2] = [LIST_BELOW_TEXT.sub(r"\1\n\n", LINK.sub(moved, part)) for part in parts[::2]]
    return "".join(parts)


def shown(root: Path, path: str) -> str:
    """Return a page, in Markdown, that shows a file or a folder; search leaves it out."""
    place = root / path
    if place.is_dir():
        names = sorted(
            f"{one.name}/" if one.is_dir() else one.name for one in place.iterdir() if one.name[0] not in "._"
        )
        body = "\n".join(f"- `{name}`" for name in names)
    else:
        text = place.read_text(encoding="utf-8").rstrip("\n")
        fence = "`" * (1 + max(2, *map(len, re.findall("`*", text))))
        body = f"{fence}{LANGUAGES.get(place.suffix, 'text')}\n{text}\n{fence}"
    return f"---\nsearch:\n  exclude: true\n---\n\n# {path}\n\n{body}\n"


def outside(root: Path) -> Iterator[tuple[str, str]]:
    """Yield each path outside docs/ to which pages lead, directly or through other pages, and its page in Markdown."""
    waiting = sorted(str(page.relative_to(root)) for page in (root / "docs").rglob("*.md"))
    seen = set(waiting)
    while waiting:
        page = waiting.pop()
        text = (root / page).read_text(encoding="utf-8")
        for path in sorted(links(text, page) - seen):
            seen.add(path)
            is_page = path.endswith(".md")
            if is_page:
                waiting.append(path)
            if not path.startswith("docs/"):
                yield path, (root / path).read_text(encoding="utf-8") if is_page else shown(root, path)


def navigation(root: Path) -> Navigation:
    """Return the site's navigation: the pages that docs/index.md lists, by its headings."""
    text = (root / "docs" / "index.md").read_text(encoding="utf-8")
    before, *sections = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    named = [("Overview", before), *zip(sections[::2], sections[1::2], strict=True)]
    return ["index.md", *({title: list(_listed(root, body))} for title, body in named)]


def _listed(root: Path, section: str) -> Iterator[str]:
    """Yield the pages to which a list or a table links."""
    for line in re.findall(r"^(?:- |\| ).*$", section, re.MULTILINE):
        for _, target in LINK.findall(line):
            if (path := _within(target, "docs/index.md")).endswith(".md"):
                yield address(root, path)
