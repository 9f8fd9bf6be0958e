"""The names of a log's files and receipts, with the examples of C2SP's specifications."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anb.votelog.tiles import TileName, receipt

LEVELS = st.one_of(st.none(), st.integers(0, 63))
NAMES = st.builds(TileName, LEVELS, st.integers(0, 2**50), st.integers(1, 256))


class TestTileName:
    def test_the_specification_s_example_is_written(self) -> None:
        assert TileName(0, 1_234_067).path == "0/x001/x234/067"
        assert TileName(None, 273, 112).path == "entries/273.p/112"

    @given(NAMES)
    def test_a_name_is_read_back(self, name: TileName) -> None:
        assert TileName.parse(name.path) == name

    @pytest.mark.parametrize(
        "path",
        [
            "",
            "0/",
            "0/1",
            "00/001",
            "64/001",
            "0/x000/001",
            "0/001.p/0",
            "0/001.p/256",
            "0/001.p/01",
            "0/001/",
            "e/001",
        ],
    )
    def test_another_text_names_no_tile(self, path: str) -> None:
        assert TileName.parse(path) is None

    def test_a_tree_of_70000_leaves_has_the_tiles_that_the_specification_lists(self) -> None:
        there = [TileName(0, 272), TileName(0, 273, 112), TileName(1, 0), TileName(1, 1, 17), TileName(2, 0, 1)]
        beyond = [TileName(0, 273), TileName(0, 273, 113), TileName(1, 1, 18), TileName(2, 0, 2), TileName(3, 0, 1)]
        assert [name.is_in(70_000) for name in there + beyond] == [True] * 5 + [False] * 5


class TestReceipt:
    def test_a_receipt_is_a_tlog_proof(self) -> None:
        made = receipt(7, [bytes(32)], "origin\n8\nroot\n\n— origin signature\n", b"extra")
        assert made == (
            "c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"
            "origin\n8\nroot\n\n— origin signature\n"
        )
        assert receipt(0, [], "note\n") == "c2sp.org/tlog-proof@v1\nindex 0\n\nnote\n"
