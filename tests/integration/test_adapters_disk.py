"""The shared folder: a file appears only when it is complete, and an abandoned one leaves nothing."""

import errno
import hashlib
import os
from pathlib import Path

import pytest

from anb.adapters.storage.disk import SharedDisk, sync_folder
from anb.errors import Outage


@pytest.fixture
def disk(tmp_path: Path) -> SharedDisk:
    return SharedDisk(tmp_path / "share")


def files(disk: SharedDisk) -> list[str]:
    return sorted(path.name for path in disk.path(".").rglob("*") if path.is_file())


def test_what_arrives_is_kept_whole_with_its_size_and_hash(disk: SharedDisk) -> None:
    arriving = disk.receive()
    arriving.write(b"one ")
    arriving.write(memoryview(b"two"))
    assert [name.endswith(".part") for name in files(disk)] == [True]
    arriving.settle()
    stored = arriving.keep("originals/ab/x.mp4")
    arriving.discard()
    assert (stored.size, stored.sha256) == (7, hashlib.sha256(b"one two").hexdigest())
    assert disk.path(stored.key).read_bytes() == b"one two"
    assert files(disk) == ["x.mp4"]


def test_what_is_given_up_leaves_nothing(disk: SharedDisk) -> None:
    arriving = disk.receive()
    arriving.write(b"half")
    arriving.discard()
    arriving.discard()
    assert files(disk) == []


def test_a_local_file_is_adopted_by_copy(disk: SharedDisk, tmp_path: Path) -> None:
    local = tmp_path / "made.mp4"
    local.write_bytes(b"x" * 3_000_000)
    stored = disk.adopt(local, "edits/cd/y.mp4")
    assert stored.size == 3_000_000
    assert files(disk) == ["y.mp4"]
    assert local.exists()


def test_a_share_that_takes_nothing_is_an_outage_and_leaves_nothing(disk: SharedDisk, tmp_path: Path) -> None:
    local = tmp_path / "made.mp4"
    local.write_bytes(b"x")
    disk.path(".").mkdir(exist_ok=True)
    (disk.path(".") / "edits").write_text("a file where a folder must be")
    with pytest.raises(Outage):
        disk.adopt(local, "edits/cd/y.mp4")
    assert files(disk) == ["edits"]


def test_a_share_where_nothing_can_be_made_is_an_outage(disk: SharedDisk) -> None:
    disk.path(".").mkdir()
    (disk.path(".") / "incoming").write_text("a file where a folder must be")
    with pytest.raises(Outage, match="File exists"):
        disk.receive()


def test_a_share_that_is_full_is_an_outage_and_leaves_nothing(disk: SharedDisk) -> None:
    arriving = disk.receive()
    arriving._file.close()
    arriving._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115 - `discard` closes it
    with pytest.raises(Outage, match="No space left"):
        arriving.write(b"x")
    arriving.discard()
    assert files(disk) == []


def test_deleting_twice_is_harmless(disk: SharedDisk) -> None:
    arriving = disk.receive()
    arriving.settle()
    arriving.keep("originals/ab/x.mp4")
    disk.delete("originals/ab/x.mp4")
    disk.delete("originals/ab/x.mp4")
    assert files(disk) == []


def test_it_says_how_much_room_there_is(disk: SharedDisk) -> None:
    assert disk.free_bytes() > 0


def test_a_close_that_fails_is_of_no_account_once_the_file_is_given_up(disk: SharedDisk) -> None:
    arriving = disk.receive()
    arriving.write(b"half")
    os.close(arriving._file.fileno())  # as an NFS server that refuses at the close what was not synced
    arriving.discard()
    assert files(disk) == []


def test_a_local_file_that_cannot_be_read_is_an_outage_and_leaves_nothing(disk: SharedDisk, tmp_path: Path) -> None:
    with pytest.raises(Outage, match=r"edits/cd/y\.mp4"):
        disk.adopt(tmp_path / "never made.mp4", "edits/cd/y.mp4")
    assert files(disk) == []


@pytest.mark.parametrize(("number", "told"), [(errno.EINVAL, False), (errno.ENOTSUP, False), (errno.EIO, True)])
def test_a_folder_is_synced_where_that_can_be_and_a_disk_that_fails_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, told: bool
) -> None:
    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    if told:
        with pytest.raises(OSError, match=os.strerror(number)):
            sync_folder(tmp_path)
    else:
        sync_folder(tmp_path)
