"""The Merkle tree of the log, compared with another implementation (pymerkle) and with RFC 6962's own vectors."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from anb.votelog import merkle
from anb.votelog.merkle import TILE_HEIGHT, TILE_WIDTH, Span

# The leaves and the roots of the tests of Certificate Transparency's reference implementation.
VECTOR_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
VECTOR_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def entries(count: int) -> list[bytes]:
    return [b"vote %d" % number for number in range(count)]


def oracle(leaves: Sequence[bytes]) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        tree.append_entry(leaf)
    return tree


class Tiles:
    """The hashes of a large tree, of which each smaller tree has the first ones, and the edge of each."""

    def __init__(self, count: int) -> None:
        self.levels: dict[int, list[bytes]] = {0: [merkle.leaf_hash(entry) for entry in entries(count)]}
        for tile in merkle.grow(0, (), self.levels[0]).tiles:
            row = self.levels.setdefault(tile.level, [])
            assert len(row) == tile.index
            row.append(tile.hash)

    def edge(self, size: int) -> list[bytes]:
        found: list[bytes] = []
        begin = 0
        for height in reversed(range(size.bit_length())):
            if size >> height & 1:
                level, rest = divmod(height, TILE_HEIGHT)
                first = begin >> TILE_HEIGHT * level
                found += merkle.grow(0, (), self.levels[level][first : first + (1 << rest)]).edge
                begin += 1 << height
        return found

    def read(self, span: Span, size: int) -> list[bytes]:
        assert span.first // TILE_WIDTH == (span.past - 1) // TILE_WIDTH
        assert span.past << TILE_HEIGHT * span.level <= size
        return self.levels[span.level][span.first : span.past]

    def prove(self, index: int, size: int) -> list[bytes]:
        spans = [self.read(span, size) for span in merkle.proof_spans(index, size)]
        return merkle.inclusion_proof(index, size, self.edge(size), spans)


LARGEST = 70_000
SIZES = st.one_of(st.integers(1, 600), st.integers(1, LARGEST), st.sampled_from([256, 257, 65_536, 65_537]))


@pytest.fixture(scope="module")
def tiles() -> Tiles:
    return Tiles(LARGEST)


class TestGrow:
    @pytest.mark.parametrize("size", sorted(VECTOR_ROOTS))
    def test_the_roots_are_those_of_rfc_6962(self, size: int) -> None:
        grown = merkle.grow(0, (), map(merkle.leaf_hash, VECTOR_LEAVES[:size]))
        assert merkle.root(grown.edge).hex() == VECTOR_ROOTS[size]

    def test_an_empty_tree_has_the_root_of_rfc_6962(self) -> None:
        assert merkle.root(()) == sha256(b"").digest()

    @given(st.lists(st.lists(st.binary(max_size=3), max_size=70), max_size=8))
    def test_whatever_the_batches_the_tree_is_that_of_another_implementation(self, batches: list[list[bytes]]) -> None:
        size, edge = 0, tuple[bytes, ...]()
        for batch in batches:
            grown = merkle.grow(size, edge, map(merkle.leaf_hash, batch))
            size, edge = grown.size, grown.edge
        whole = [leaf for batch in batches for leaf in batch]
        assert size == len(whole)
        assert not whole or merkle.root(edge) == oracle(whole).get_root()

    def test_a_full_tile_is_told_once_and_at_once(self) -> None:
        leaves = [merkle.leaf_hash(entry) for entry in entries(TILE_WIDTH**2)]
        before = merkle.grow(0, (), leaves[:-1])
        last = merkle.grow(before.size, before.edge, leaves[-1:])
        assert [(tile.level, tile.index) for tile in before.tiles] == [(1, index) for index in range(255)]
        assert [(tile.level, tile.index) for tile in last.tiles] == [(1, 255), (2, 0)]
        assert last.tiles[-1].hash == merkle.root(last.edge)


class TestProofs:
    @settings(deadline=None)
    @given(SIZES, st.data())
    def test_every_leaf_is_proved_in_every_tree(self, tiles: Tiles, size: int, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, size - 1))
        proof = tiles.prove(index, size)
        leaf = merkle.leaf_hash(b"vote %d" % index)
        assert merkle.check_inclusion(index, size, leaf, proof) == merkle.root(tiles.edge(size))

    @given(st.integers(1, 150), st.data())
    def test_the_proofs_are_those_of_another_implementation(self, tiles: Tiles, size: int, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, size - 1))
        tree = oracle(entries(size))
        ours = tiles.prove(index, size)
        theirs = tree.prove_inclusion(index + 1, size)
        assert [merkle.leaf_hash(entries(size)[index]), *ours] == list(theirs.path)

    @settings(deadline=None)
    @given(SIZES, st.data())
    def test_another_leaf_index_or_proof_leads_elsewhere(self, tiles: Tiles, size: int, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, size - 1))
        proof = tiles.prove(index, size)
        root, leaf = merkle.root(tiles.edge(size)), merkle.leaf_hash(b"vote %d" % index)
        assert merkle.check_inclusion(index, size, merkle.leaf_hash(b"other"), proof) != root
        for wrong in (proof[:-1], [*proof, root]):
            if wrong != proof:
                with pytest.raises(ValueError, match="the proof is too"):
                    merkle.check_inclusion(index, size, leaf, wrong)

    @given(st.integers(1, 2**40), st.data())
    def test_a_proof_needs_a_tile_of_each_level_at_most(self, size: int, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, size - 1))
        spans = merkle.proof_spans(index, size)
        assert [span.level for span in spans] == list(range(len(spans)))
        for span in spans:
            assert span.first <= index >> TILE_HEIGHT * span.level < span.past
            assert span.first // TILE_WIDTH == (span.past - 1) // TILE_WIDTH
            assert span.past << TILE_HEIGHT * span.level <= size

    def test_the_edge_is_what_the_tree_grew(self, tiles: Tiles) -> None:
        for size in (0, 1, 255, 256, 600, 65_537):
            assert tuple(tiles.edge(size)) == merkle.grow(0, (), tiles.levels[0][:size]).edge

    @pytest.mark.parametrize("index", [-1, 5])
    def test_a_leaf_outside_the_tree_has_no_proof(self, index: int) -> None:
        with pytest.raises(ValueError, match=f"leaf {index} is not in a tree of 5 leaves"):
            merkle.proof_spans(index, 5)
        with pytest.raises(ValueError, match=f"leaf {index} is not in a tree of 5 leaves"):
            merkle.inclusion_proof(index, 5, [], [])
        with pytest.raises(ValueError, match=f"leaf {index} is not in a tree of 5 leaves"):
            merkle.check_inclusion(index, 5, b"", [])
