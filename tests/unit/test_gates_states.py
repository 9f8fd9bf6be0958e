"""`make check` is red for state that is made when missing, and for writes to a frozen value."""

from pathlib import Path

import pytest

import gates


@pytest.mark.parametrize(
    ("place", "source", "found"),
    [
        ("src/anb/a.py", "if not hasattr(state, 'looks'): state.looks = {}", ["src/anb/a.py:1: calls hasattr"]),
        ("tests/a.py", "\nobject.__setattr__(settings, 'a', 1)", ["tests/a.py:2: calls object.__setattr__"]),
        ("tests/a.py", "assert hasattr(answer, 'json')", []),
        ("src/anb/a.py", "settings.model_copy(update={'a': 1})", []),
    ],
)
def test_each_is_named_with_its_line(tmp_path: Path, place: str, source: str, found: list[str]) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    assert list(gates.states(tmp_path)) == found
