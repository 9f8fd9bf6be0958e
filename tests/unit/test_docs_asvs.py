"""The page on ASVS has each row of its chapters once, and each test that it names exists."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "security" / "asvs.md"
# The rows of levels 1 and 2 in ASVS 5.0.0, by chapter and section.
SECTIONS = {
    6: {1: 3, 2: 12, 3: 4, 4: 4, 5: 5, 6: 3, 8: 4},
    7: {1: 3, 2: 4, 3: 2, 4: 5, 5: 2, 6: 2},
    8: {1: 2, 2: 3, 3: 1, 4: 1},
    9: {1: 3, 2: 4},
    10: {1: 2, 2: 2, 3: 4, 4: 11, 5: 5, 6: 2, 7: 3},
    14: {1: 2, 2: 4, 3: 3},
    16: {1: 1, 2: 5, 3: 4, 4: 3, 5: 3},
}
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| [12] \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def rows() -> dict[str, str]:
    found = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert [one for one, times in Counter(row for row, _ in found).items() if times > 1] == []
    return dict(found)


@cache
def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_row_of_the_chapters_is_there_once() -> None:
    wanted = [
        f"{chapter}.{section}.{number}"
        for chapter, sections in SECTIONS.items()
        for section, count in sections.items()
        for number in range(1, count + 1)
    ]
    assert list(rows()) == wanted


@pytest.mark.parametrize("row", rows())
def test_each_row_names_tests_that_exist_or_says_why_not(row: str) -> None:
    shown = rows()[row]
    named = NAMED.findall(shown)
    assert [name for file, name in named if name not in functions(TESTS / file)] == []
    assert named or "**Deviation**" in shown or "**Not applicable**" in shown or "](" in shown
