"""The Merkle tree of a log (RFC 6962), grown at its right edge, and its proofs, computed from tiles."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
EMPTY_ROOT = sha256(b"").digest()

# The `count` hashes of a level that begin at index `first`; they are always of one tile. A hash of level L covers
# 256^L leaves: level 0 are the leaves' hashes, and level 1 are what `Grown.tiles` contains with level 1.
Hashes = Callable[[int, int, int], Sequence[bytes]]


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


def root_at(size: int, hashes: Hashes) -> bytes:
    """Return the root that the tree had when it had `size` leaves."""
    return _range(0, size, hashes) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, hashes: Hashes) -> list[bytes]:
    """Return the path from a leaf to the root of the tree of `size` leaves. Raises ValueError."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size} leaves")
    begin, end, path = 0, size, []
    while end - begin > 1:
        middle = begin + _left(end - begin)
        if index < middle:
            path.append(_range(middle, end, hashes))
            end = middle
        else:
            path.append(_range(begin, middle, hashes))
            begin = middle
    return path[::-1]


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


def _left(count: int) -> int:
    """Return the largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _range(begin: int, end: int, hashes: Hashes) -> bytes:
    """Return the hash above the leaves from `begin`, where a full subtree of that size may begin, to `end`."""
    parts = []
    while begin < end:
        height = (end - begin).bit_length() - 1
        parts.append(_subtree(height, begin >> height, hashes))
        begin += 1 << height
    return root(parts)


def _subtree(height: int, index: int, hashes: Hashes) -> bytes:
    """Return a full subtree's hash: node `index` of those with 2^height leaves."""
    level, rest = divmod(height, TILE_HEIGHT)
    nodes = list(hashes(level, index << rest, 1 << rest))
    while len(nodes) > 1:
        nodes = [node_hash(*pair) for pair in zip(nodes[::2], nodes[1::2], strict=True)]
    return nodes[0]
