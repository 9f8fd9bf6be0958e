"""The site made of docs/: links lead to the same targets, lists are lists, the index is the navigation."""

from pathlib import Path

import pytest

from support import docs_site

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of three pages, two of which are outside docs/."""
    for name, text in {
        "docs/index.md": "# Docs\n\n- [A](a.md) and [the readme](../README.md)\n\n## How to\n\n| [A](a.md) | x |\n",
        "docs/a.md": "# A\n\n[code](../src/x.py) [host](https://example.com) [here](#a)\n",
        "README.md": "# R\n\n[more](verify/README.md#m) [all](src)\n",
        "verify/README.md": "# M\n\n[back](../docs/a.md) [ci](../.ci/run)\n",
        "src/x.py": "print('```')\n",
        ".ci/run": "make check\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("page", "written", "becomes"),
    [
        ("docs/a.md", "[x](b.md#c)", "[x](b.md#c)"),
        ("docs/a.md", "[x](../src/x.py)", "[x](repository/src/x.py.md)"),
        ("docs/how-to/a.md", "[x](../../README.md)", "[x](../repository/README.md)"),
        ("README.md", "![x](docs/x.png)", "![x](../x.png)"),
        ("verify/README.md", "[x](../src)", "[x](../src/index.md)"),
        ("docs/a.md", "[x](../.ci/run)", "[x](repository/ci/run.md)"),
        ("docs/a.md", "[x](https://example.com/a.md)", "[x](https://example.com/a.md)"),
        ("docs/a.md", "[x](#here)", "[x](#here)"),
        ("docs/a.md", "```sh\n[x](../src/x.py)\n```", "```sh\n[x](../src/x.py)\n```"),
    ],
)
def test_a_link_leads_to_the_same_on_the_site(root: Path, page: str, written: str, becomes: str) -> None:
    assert docs_site.prepared(root, written, page) == becomes


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("**It promises**\n- one\n- two\n", "**It promises**\n\n- one\n- two\n"),
        ("Text\n1. one\n2. two\n", "Text\n\n1. one\n2. two\n"),
        ("- one\n  goes on\n- two\n", "- one\n  goes on\n- two\n"),
        ("* one\n- two\n", "* one\n- two\n"),
    ],
)
def test_a_list_below_a_line_is_set_apart(root: Path, written: str, becomes: str) -> None:
    assert docs_site.prepared(root, written, "docs/a.md") == becomes


def test_what_pages_lead_to_comes_along_by_way_of_other_pages_too(root: Path) -> None:
    assert sorted(path for path, _ in docs_site.outside(root)) == [
        ".ci/run",
        "README.md",
        "src",
        "src/x.py",
        "verify/README.md",
    ]


def test_code_is_shown_whole_whatever_fences_it_holds_and_search_leaves_it_out(root: Path) -> None:
    shown = docs_site.shown(root, "src/x.py")
    assert shown == "---\nsearch:\n  exclude: true\n---\n\n# src/x.py\n\n````python\nprint('```')\n````\n"
    assert docs_site.shown(root, "src").endswith("# src\n\n- `x.py`\n")


def test_the_index_is_the_navigation(root: Path) -> None:
    assert docs_site.navigation(root) == [
        "index.md",
        {"Overview": ["a.md", "repository/README.md"]},
        {"How to": ["a.md"]},
    ]


def test_the_index_of_our_docs_lists_every_page() -> None:
    entries = [one for one in docs_site.navigation(ROOT) if isinstance(one, dict)]
    listed = {page for entry in entries for pages in entry.values() for page in pages}
    pages = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert pages - listed == {"index.md"}
