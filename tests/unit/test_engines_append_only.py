"""After a power loss, the queue's file is kept if it is whole or cut short; if it holds zeros, it is moved away."""

from pathlib import Path

import pytest

from anb.engines.append_only import FOLDER, set_aside_if_torn

COMMAND = b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder as Valkey leaves it: a binary snapshot, and the commands since."""
    made = tmp_path / FOLDER
    made.mkdir()
    (made / "appendonly.aof.1.base.rdb").write_bytes(b"VALKEY\0\0\0")
    (made / "appendonly.aof.1.incr.aof").write_bytes(COMMAND)
    return made


class TestTorn:
    @pytest.mark.parametrize("written", [b"", COMMAND, COMMAND[:-5]])
    def test_a_whole_file_an_empty_one_and_one_cut_short_stay(self, folder: Path, written: bytes) -> None:
        (folder / "appendonly.aof.1.incr.aof").write_bytes(written)
        assert set_aside_if_torn(folder.parent) is None
        assert folder.is_dir()

    @pytest.mark.parametrize("written", [bytes(4096), COMMAND + bytes(1), COMMAND + bytes(4096) + COMMAND])
    def test_zeros_anywhere_move_it_away_in_place_of_what_was_moved_before(self, folder: Path, written: bytes) -> None:
        (folder / "appendonly.aof.2.incr.aof").write_bytes(written)
        before = folder.parent / "appendonlydir.torn"
        before.mkdir()
        (before / "of another time").touch()
        assert set_aside_if_torn(folder.parent) == before
        assert not folder.exists()
        assert (before / "appendonly.aof.2.incr.aof").read_bytes() == written
        assert not (before / "of another time").exists()

    def test_a_queue_that_never_ran_has_nothing_to_move(self, tmp_path: Path) -> None:
        assert set_aside_if_torn(tmp_path) is None
