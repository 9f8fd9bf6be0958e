"""The glossary explains words that the code uses, once each, and none that is refused."""

import re
from functools import cache
from pathlib import Path

import pytest

import prose

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\*\*.+?) \| (.+) \|$", PAGE, re.MULTILINE)
TERMS = [term.strip("`") for row, _ in ROWS for term in re.findall(r"\*\*(.+?)\*\*", row)]
# These are about the project, and do not appear in its code.
OUTSIDE = {"contract", "deployment document", "adapter", "feature", "port", "package"}


@cache
def code() -> str:
    """Return all code and its texts, in lower case, with names split into words."""
    folders = [ROOT / name for name in ("src", "deploy", "verify")]
    files = [
        path for folder in folders for suffix in ("py", "j2", "po", "toml") for path in folder.rglob(f"*.{suffix}")
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return re.sub(r"[\s_-]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)).lower()


def test_there_are_words() -> None:
    assert len(TERMS) > 50


@pytest.mark.parametrize("term", [term for term in TERMS if term not in OUTSIDE])
def test_the_code_uses_the_word(term: str) -> None:
    assert re.search(rf"\b{re.escape(term.lower())}", code()), term


def test_no_word_is_explained_twice() -> None:
    assert sorted(TERMS) == sorted(set(TERMS))


def test_no_word_is_one_that_was_replaced() -> None:
    assert set(prose.settings()["words"]) & {term.lower() for term in TERMS} == set()
