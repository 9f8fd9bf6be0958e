"""The size of a folder while files appear and vanish in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from anb.adapters.sandbox.quota import taken

FILES, KIB = 5, 1024


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(FILES):
        (tmp_path / f"{number}").write_bytes(b"x" * 64 * KIB)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "file").write_bytes(b"x" * 64 * KIB)
    return tmp_path


def vanishing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let one file vanish after its name is read and before it is looked at."""
    scan = os.scandir

    @contextmanager
    def racing(place: str) -> Iterator[Iterator["os.DirEntry[str]"]]:
        with scan(place) as entries:

            def step() -> Iterator["os.DirEntry[str]"]:
                for entry in sorted(entries, key=lambda entry: entry.name):
                    if entry.name == name:
                        Path(entry.path).unlink()
                    yield entry

            yield step()

    monkeypatch.setattr(os, "scandir", racing)


def test_all_that_is_in_a_folder_counts(folder: Path) -> None:
    assert taken(folder) >= (FILES + 1) * 64 * KIB


def test_a_file_that_vanishes_meanwhile_hides_no_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = taken(folder)
    vanishing(monkeypatch, "0")  # the first of all
    assert before - 65 * KIB <= taken(folder) < before
    assert not (folder / "0").exists()


def test_a_folder_that_is_gone_takes_nothing(tmp_path: Path) -> None:
    assert taken(tmp_path / "gone") == 0
