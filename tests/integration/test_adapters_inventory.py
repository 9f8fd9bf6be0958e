"""What the keeper of the share sees: plain files, and an outage where it cannot look."""

import os
from pathlib import Path

import pytest

from anb.adapters.storage.inventory import SharedInventory
from anb.errors import Outage


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("originals/ab/x.mp4", "originals/cd/y.mp4"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"a clip")
    return tmp_path


def keys(root: Path, kind: str = "originals") -> list[str]:
    return sorted(found.key for found in SharedInventory(root).walk(kind))


def test_it_walks_every_folder_of_a_kind(root: Path) -> None:
    assert keys(root) == ["originals/ab/x.mp4", "originals/cd/y.mp4"]


def test_a_kind_that_nobody_has_written_yet_is_empty(root: Path) -> None:
    assert keys(root, "edits") == []


def test_links_are_not_followed_nor_seen(root: Path) -> None:
    (root / "originals/ab/link.mp4").symlink_to(root / "originals/ab/x.mp4")
    (root / "originals/out").symlink_to(root / "originals/cd")
    assert keys(root) == ["originals/ab/x.mp4", "originals/cd/y.mp4"]
    assert SharedInventory(root).look("originals/ab/link.mp4") is None


def test_a_file_tells_its_bytes_and_its_age(root: Path) -> None:
    path = root / "originals/ab/x.mp4"
    os.utime(path, (path.stat().st_mtime - 3600,) * 2)
    found = SharedInventory(root).look("originals/ab/x.mp4")
    assert found is not None
    assert (found.key, found.size) == ("originals/ab/x.mp4", 6)
    assert 3600 <= found.age < 3700


def test_what_is_not_there_is_none(root: Path) -> None:
    assert SharedInventory(root).look("originals/ab/z.mp4") is None


def test_a_file_where_a_folder_must_be_is_an_outage_and_not_a_missing_file(root: Path) -> None:
    with pytest.raises(Outage, match=r"x\.mp4/z\.mp4"):
        SharedInventory(root).look("originals/ab/x.mp4/z.mp4")


def test_a_share_that_cannot_be_walked_is_an_outage_and_not_an_empty_one(root: Path) -> None:
    (root / "edits").write_text("a file where a folder must be")
    with pytest.raises(Outage, match="edits"):
        keys(root, "edits")


def test_a_file_that_cannot_be_read_is_an_outage(root: Path) -> None:
    with pytest.raises(Outage, match="originals/ab"):
        SharedInventory(root).digest("originals/ab")
