"""The Merkle tree of a log (RFC 6962), grown at its right edge, and its proofs, from the edge and from tiles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


@dataclass(frozen=True)
class Span:
    """The `count` hashes of a level that begin at index `first`; they are always of one tile.

    A hash of level L covers 256^L leaves: level 0 are the leaves' hashes, and level 1 are what `Grown.tiles` contains
    with level 1.
    """

    level: int
    first: int
    count: int

    @property
    def past(self) -> int:
        """The index after the last one."""
        return self.first + self.count


@dataclass(frozen=True)
class TileHash:
    """The hash of a full tile: entry `index` of the tiles of `level`, which is at least 1."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True)
class Grown:
    """A tree after leaves were added: its size, its right edge, and the tiles that became full."""

    size: int
    edge: tuple[bytes, ...]
    tiles: tuple[TileHash, ...]


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node above two others."""
    return sha256(b"\x01" + left + right).digest()


def grow(size: int, edge: Sequence[bytes], leaves: Iterable[bytes]) -> Grown:
    """Add the hashes of leaves to a tree of which only the edge is known: its full subtrees, the largest first."""
    stack, tiles = list(edge), []
    for leaf in leaves:
        node, height, position = leaf, 0, size
        while position & 1:  # the node is a right child, and its left one waits on the stack
            node, height, position = node_hash(stack.pop(), node), height + 1, position >> 1
            if height % TILE_HEIGHT == 0:
                tiles.append(TileHash(height // TILE_HEIGHT, position, node))
        stack.append(node)
        size += 1
    return Grown(size, tuple(stack), tuple(tiles))


def root(edge: Sequence[bytes]) -> bytes:
    """Return the root of a tree from its edge."""
    if not edge:
        return EMPTY_ROOT
    *rest, node = edge
    for left in reversed(rest):
        node = node_hash(left, node)
    return node


def proof_spans(index: int, size: int) -> list[Span]:
    """Return which hashes the inclusion proof of a leaf needs besides the tree's edge. Raises ValueError."""
    _, height = _subtree(index, size)
    spans = []
    for level in range(-(-height // TILE_HEIGHT)):
        count = 1 << min(TILE_HEIGHT, height - TILE_HEIGHT * level)
        spans.append(Span(level, (index >> TILE_HEIGHT * level) // count * count, count))
    return spans


def inclusion_proof(index: int, size: int, edge: Sequence[bytes], hashes: Iterable[Sequence[bytes]]) -> list[bytes]:
    """Return the path from a leaf to the root of the tree; `hashes` are those of its `proof_spans`. Raises ValueError.

    The path climbs to the root of the leaf's full subtree. The subtrees on both sides of that one are in the edge.
    """
    place, _ = _subtree(index, size)
    path = []
    for level, span in enumerate(hashes):
        nodes, here = span, (index >> TILE_HEIGHT * level) % len(span)
        while len(nodes) > 1:
            path.append(nodes[here ^ 1])
            nodes, here = [node_hash(*pair) for pair in zip(nodes[::2], nodes[1::2], strict=True)], here >> 1
    right = [root(edge[place + 1 :])] if place + 1 < len(edge) else []
    return [*path, *right, *reversed(edge[:place])]


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to (RFC 9162, 2.1.3.2). Raises ValueError."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size} leaves")
    first, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ValueError("the proof is too long")
        if first & 1 or first == last:
            node = node_hash(sibling, node)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        first, last = first >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return node


def _subtree(index: int, size: int) -> tuple[int, int]:
    """Return which full subtree of the edge has a leaf, and that one's height."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size} leaves")
    height = (index ^ size).bit_length() - 1  # each bit of `size` is a subtree; the first that differs has the leaf
    return (size >> height + 1).bit_count(), height
