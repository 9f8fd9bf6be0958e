"""Partial files on the share resume exactly at the offset in their row, and never where fewer bytes are stored."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from anb.adapters.storage import partial as module
from anb.adapters.storage import writeback
from anb.adapters.storage.partial import PartFile, SharedPartialFiles
from anb.errors import Outage
from anb.settings import MIB

KEY = "incoming/a.part"


@pytest.fixture
def partial_files(tmp_path: Path) -> SharedPartialFiles:
    return SharedPartialFiles(tmp_path)


@pytest.fixture
def part(partial_files: SharedPartialFiles) -> Iterator[PartFile]:
    made = partial_files.resume(KEY, 0)
    yield made
    made.close()


def test_what_comes_in_two_goes_on_where_the_row_says_and_drops_what_lies_behind(
    partial_files: SharedPartialFiles, part: PartFile, tmp_path: Path
) -> None:
    part.write(b"one two, and what no row knows")
    part.close()
    again = partial_files.resume(KEY, 4)
    again.write(memoryview(b"three"))
    assert again.sync() == 9
    stored = again.keep("originals/ab/x.mp4")
    again.close()
    assert (tmp_path / stored.key).read_bytes() == b"one three"
    assert (stored.size, stored.sha256) == (9, hashlib.sha256(b"one three").hexdigest())
    assert (tmp_path / KEY).exists()  # until the rows are committed


def test_what_comes_in_one_is_hashed_on_its_way(part: PartFile) -> None:
    part.write(b"one ")
    part.write(b"two")
    part.settle()
    assert part.keep("originals/ab/x.mp4").sha256 == hashlib.sha256(b"one two").hexdigest()


@pytest.mark.parametrize("offset", [5, 4000])
def test_a_part_shorter_than_its_row_says_is_an_outage_and_stays_as_it_is(
    partial_files: SharedPartialFiles, part: PartFile, tmp_path: Path, offset: int
) -> None:
    part.write(b"four")
    with pytest.raises(Outage, match="shorter"):
        partial_files.resume(KEY, offset)
    assert (tmp_path / KEY).read_bytes() == b"four"


def test_a_part_that_is_gone_is_an_outage_and_not_begun_anew(partial_files: SharedPartialFiles, tmp_path: Path) -> None:
    with pytest.raises(Outage):
        partial_files.resume(KEY, 4)
    assert not (tmp_path / KEY).exists()


def test_a_begun_part_without_a_byte_acknowledged_begins_anew(
    partial_files: SharedPartialFiles, part: PartFile
) -> None:
    part.write(b"lost with its process")
    again = partial_files.resume(KEY, 0)
    assert again.sync() == 0
    assert again.keep("originals/ab/x.mp4").size == 0
    again.close()


def test_a_copy_has_the_bytes_that_the_row_knows_and_no_more(
    partial_files: SharedPartialFiles, part: PartFile, tmp_path: Path
) -> None:
    part.write(b"known, and not known")
    partial_files.copy(KEY, "incoming/b.part", 5)
    assert (tmp_path / "incoming/b.part").read_bytes() == b"known"


def test_there_is_no_copy_of_bytes_that_are_not_there(partial_files: SharedPartialFiles, part: PartFile) -> None:
    part.write(b"four")
    with pytest.raises(Outage, match="shorter"):
        partial_files.copy(KEY, "incoming/b.part", 5)
    with pytest.raises(Outage):
        partial_files.copy("incoming/never.part", "incoming/c.part", 5)
    with pytest.raises(Outage):
        partial_files.copy(KEY, KEY, 4)  # a name is used once


def test_closing_twice_is_harmless(part: PartFile) -> None:
    part.close()
    part.close()


class TestHash:
    """The hash is the same whichever server reads the rest, and however often reading begins anew."""

    @pytest.fixture
    def reads(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """The number of bytes of each second read."""
        seen: list[int] = []
        read = PartFile._read

        def noted(part: PartFile, size: int) -> bytes:
            seen.append(size)
            return read(part, size)

        monkeypatch.setattr(PartFile, "_read", noted)
        monkeypatch.setattr(module, "CATCH_UP_BYTES", 4)
        return seen

    def test_another_server_reads_what_is_stored_step_by_step(
        self, part: PartFile, tmp_path: Path, reads: list[int]
    ) -> None:
        part.write(b"one two ")
        again = SharedPartialFiles(tmp_path).resume(KEY, 8)
        assert again.catch_up()  # four bytes of eight
        again.write(b"three")  # while the hash is behind
        while again.catch_up():
            pass
        again.write(b" four")  # and after it has caught up
        assert again.keep("originals/ab/x.mp4").sha256 == hashlib.sha256(b"one two three four").hexdigest()
        assert sum(reads) == 13
        again.close()

    def test_the_same_server_reads_nothing_again(
        self, partial_files: SharedPartialFiles, part: PartFile, reads: list[int]
    ) -> None:
        part.write(b"one two ")
        part.sync()
        part.remember()
        again = partial_files.resume(KEY, 8)
        assert not again.catch_up()
        again.write(b"three")
        assert again.keep("originals/ab/x.mp4").sha256 == hashlib.sha256(b"one two three").hexdigest()
        assert reads == []
        again.close()

    def test_what_was_never_said_to_be_safe_is_not_in_it(
        self, partial_files: SharedPartialFiles, part: PartFile
    ) -> None:
        part.write(b"one two ")
        part.remember()
        part.write(b"lost with its row")
        again = partial_files.resume(KEY, 8)
        again.write(b"three")
        assert again.keep("originals/ab/x.mp4").sha256 == hashlib.sha256(b"one two three").hexdigest()
        again.close()

    def test_bytes_that_are_gone_are_an_outage(self, part: PartFile, tmp_path: Path) -> None:
        part.write(b"one two ")
        again = SharedPartialFiles(tmp_path).resume(KEY, 8)
        (tmp_path / KEY).write_bytes(b"")
        with pytest.raises(Outage, match="shorter"):
            again.catch_up()
        again.close()


def test_what_is_durable_already_is_not_synced_again(part: PartFile, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr("os.fsync", synced.append)
    part.write(b"one")
    part.sync()
    part.settle()
    assert len(synced) == 1
    part.write(b" two")
    part.settle()
    assert len(synced) == 2


def test_writing_to_the_disk_begins_while_bytes_still_come(part: PartFile, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[tuple[int, int]] = []
    monkeypatch.setattr(writeback, "start", lambda _, offset, size: begun.append((offset, size)))
    for _ in range(5):
        part.write(bytes(5 * MIB))
    assert begun == [(0, 10 * MIB), (10 * MIB, 10 * MIB)]


def test_asking_the_kernel_to_begin_harms_nothing(tmp_path: Path) -> None:
    with (tmp_path / "x").open("w+b") as file:
        file.write(b"x" * 100_000)
        file.flush()
        writeback.start(file.fileno(), 0, 100_000)
        assert (tmp_path / "x").stat().st_size == 100_000
    writeback.start(-1, 0, 1)  # a hint that cannot be used
