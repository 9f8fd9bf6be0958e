"""The entries of the log of votes: each has one form, and nothing else is a leaf."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anb.votelog import domain
from anb.votelog.domain import Leaf, LeafKind

MINUTES = st.integers(0, 2**32 - 1)
INDEXES = st.integers(0, domain.NEVER_LOGGED)
TEXTS = st.text(max_size=100)
LEAVES: st.SearchStrategy[Leaf] = st.one_of(
    st.builds(domain.ClipOpened, MINUTES, st.uuids(), st.uuids(), TEXTS),
    st.builds(domain.PlayerMoved, MINUTES, st.uuids(), TEXTS),
    st.builds(domain.ClipRestored, MINUTES, st.uuids()),
    st.builds(domain.ClipHidden, MINUTES, st.uuids()),
    st.builds(domain.ClipWithdrawn, MINUTES, st.uuids(), st.sampled_from(domain.WithdrawalClass)),
    st.builds(domain.VoteLogged, st.booleans(), MINUTES, st.uuids(), st.uuids()),
    st.builds(domain.VoteVoided, MINUTES, INDEXES, st.uuids(), st.uuids(), st.sampled_from(domain.VoidClass)),
    st.builds(domain.VoteRestored, MINUTES, INDEXES, st.uuids(), st.uuids()),
    st.builds(domain.CountClosed, MINUTES, INDEXES),
)


class TestEntry:
    @given(LEAVES)
    def test_a_leaf_is_read_back_as_it_was_written(self, leaf: Leaf) -> None:
        assert domain.decode(domain.encode(leaf)) == leaf

    @given(LEAVES, st.data())
    def test_a_shortened_entry_is_never_read_as_the_same_leaf(self, leaf: Leaf, data: st.DataObject) -> None:
        entry = domain.encode(leaf)
        cut = entry[: data.draw(st.integers(0, len(entry) - 1))]
        with contextlib.suppress(domain.InvalidLeaf):
            assert domain.decode(cut) != leaf

    @pytest.mark.parametrize(
        "entry",
        [
            b"",
            b"\x00" * 38,
            bytes([10]) + bytes(37),
            bytes([LeafKind.VOTE, 2]) + bytes(36),
            bytes([LeafKind.VOTE]) + bytes(38),
            bytes([LeafKind.VOTE]) + bytes(36),
            bytes([LeafKind.CLIP_WITHDRAWN]) + bytes(21),
            bytes([LeafKind.PLAYER_MOVED]) + bytes(20) + b"\xff",
        ],
        ids=["empty", "kind-0", "kind-10", "jury-2", "long", "short", "class-0", "not-utf8"],
    )
    def test_other_bytes_are_refused(self, entry: bytes) -> None:
        with pytest.raises(domain.InvalidLeaf, match="is not a leaf"):
            domain.decode(entry)

    def test_every_kind_has_a_leaf(self) -> None:
        kinds = {domain.encode(leaf)[0] for leaf in map(_smallest, LeafKind)}
        assert kinds == set(LeafKind)


def _smallest(kind: LeafKind) -> Leaf:
    for length in range(80):
        for fill in (0, 1):
            try:
                return domain.decode(bytes([kind, *[fill] * length]))
            except domain.InvalidLeaf:
                continue
    raise AssertionError(kind)
