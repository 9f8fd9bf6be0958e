"""Names that say nothing, and names that two classes share, are refused."""

from pathlib import Path

import pytest

import gates


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(gates, "ROOT", tmp_path)
    (tmp_path / "src" / "anb").mkdir(parents=True)
    (tmp_path / "hatch_build.py").write_text("class Hook: ...\n")
    return tmp_path / "src" / "anb"


def test_one_name_for_two_classes_is_refused_where_both_are(root: Path) -> None:
    (root / "a.py").write_text("class Line: ...\nclass TestLine: ...\n")
    (root / "b.py").write_text("\nclass Line: ...\nclass TestLine: ...\n")
    assert [*gates.classes()] == ["Line is the name of several classes: src/anb/a.py:1, src/anb/b.py:2"]


def test_names_of_their_own_pass(root: Path) -> None:
    (root / "a.py").write_text("class Line: ...\n")
    (root / "b.py").write_text("class Lane: ...\n")
    assert [*gates.classes()] == []


def test_a_module_for_everything_is_refused(root: Path) -> None:
    (root / "utils.py").write_text('"""Many things."""\n')
    assert [*gates.names()] == ["src/anb/utils.py: a name for everything, which says nothing"]
