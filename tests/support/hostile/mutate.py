"""Mutants of good clips, the same for the same number: bytes flip; boxes vanish, double, move or get false sizes."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from random import Random

from support.clips import GPS, HLG, Clip, draw
from support.hostile.tree import Node, copy, read

TINY = Clip(seconds=1, width=160, height=90, fps="10")
SEEDS: dict[str, Clip] = {
    "mp4": TINY,
    "mp4-ready": replace(TINY, moov_first=True, audio=True, gps=GPS),
    "mp4-live": replace(TINY, live=True),
    "mp4-turned": replace(TINY, width=90, height=160, rotation=90),
    "mp4-av1": replace(TINY, codec="av1"),
    "mov": replace(TINY, container="mov", codec="hevc"),
    "mov-hdr": replace(HLG, seconds=1, width=160, height=90, fps="10"),
    "webm": replace(TINY, container="webm", codec="vp9"),
    "webm-live": replace(TINY, container="webm", codec="vp9", live=True, audio=True),
    "webm-vp8": replace(TINY, container="webm", codec="vp8"),
    "mkv": replace(TINY, container="mkv"),
}
WORDS = [
    0,
    1,
    2,
    7,
    8,
    0x7F,
    0xFF,
    0xFFFF,
    0x10000,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
    1 << 40,
    1 << 62,
    (1 << 64) - 1,
]
HEAD_BYTES = 96  # of a node: where its numbers are
MOST_CHANGES = 5

Change = Callable[[Random, Node], None]


def mutant(number: int) -> tuple[str, bytes]:
    """Return the mutant of a number: the name of its seed, and its bytes. A number below zero gives the seed itself."""
    if number < 0:
        name = list(SEEDS)[-number - 1]
        return name, seed(name)
    chance = Random(number)
    name = chance.choice(list(SEEDS))
    root, form = read(seed(name))
    for _ in range(chance.randint(1, MOST_CHANGES)):
        chance.choice(STRUCTURED)(chance, root)
    data = bytearray(root.write(form))
    for _ in range(chance.choice((0, 0, 1, 2))):
        chance.choice(PLAIN)(chance, data)
    return name, bytes(data)


@cache
def seed(name: str) -> bytes:
    """Return a good clip."""
    return draw(SEEDS[name]).read_bytes()


def _node(chance: Random, root: Node) -> Node:
    """Choose a node, more often one of the index than one of the pictures."""
    return chance.choice([node for node in root.walk() if node is not root] or [root])


def _parent(chance: Random, root: Node) -> Node:
    return chance.choice([node for node in root.walk() if node.children] or [root])


def _flip(chance: Random, root: Node) -> None:
    node = _node(chance, root)
    body = bytearray(node.body)
    for _ in range(chance.randint(1, 8)):
        if body:
            body[chance.randrange(min(len(body), HEAD_BYTES))] = chance.randrange(256)
    node.body = bytes(body)


def _number(chance: Random, root: Node) -> None:
    """Write a number of the kind that breaks sums."""
    node = _node(chance, root)
    width = chance.choice((1, 2, 4, 8))
    if len(node.body) >= width:
        place = chance.randrange(min(len(node.body), HEAD_BYTES) - width + 1)
        word = chance.choice(WORDS) & (1 << 8 * width) - 1
        node.body = node.body[:place] + word.to_bytes(width, "big") + node.body[place + width :]


def _lie(chance: Random, root: Node) -> None:
    node = _node(chance, root)
    real = len(node.body)
    node.claims = chance.choice((0, 1, -1, real - 1, real + 1, real * 2, *WORDS))


def _double(chance: Random, root: Node) -> None:
    parent = _parent(chance, root)
    if parent.children:
        times = chance.choice((1, 1, 2, 50))
        parent.children += [copy(chance.choice(parent.children)) for _ in range(times)]


def _drop(chance: Random, root: Node) -> None:
    parent = _parent(chance, root)
    if parent.children:
        parent.children.pop(chance.randrange(len(parent.children)))


def _shuffle(chance: Random, root: Node) -> None:
    chance.shuffle(_parent(chance, root).children)


def _graft(chance: Random, root: Node) -> None:
    """Take a node of another clip, in the place of one of the same name if there is one."""
    other, _ = read(seed(chance.choice(list(SEEDS))))
    taken = copy(_node(chance, other))
    same = root.all(taken.name)
    if same and chance.random() < 0.7:
        target = chance.choice(same)
        target.body, target.children = taken.body, taken.children
    else:
        _parent(chance, root).children.append(taken)


def _wrap(chance: Random, root: Node) -> None:
    """Put a node into copies of its own head."""
    parent = _parent(chance, root)
    if parent.children:
        place = chance.randrange(len(parent.children))
        inner = parent.children[place]
        for _ in range(chance.choice((1, 3, 40))):
            inner = Node(inner.name, inner.body[:8], [inner])
        parent.children[place] = inner


def _resize(chance: Random, root: Node) -> None:
    node = _node(chance, root)
    length = chance.randrange(len(node.body) + 16)
    node.body = node.body[:length].ljust(length, bytes([chance.randrange(256)]))


def _flip_anywhere(chance: Random, data: bytearray) -> None:
    for _ in range(chance.randint(1, 16)):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _cut(chance: Random, data: bytearray) -> None:
    del data[chance.randrange(len(data) + 1) :]


def _repeat(chance: Random, data: bytearray) -> None:
    begin = chance.randrange(len(data) + 1)
    piece = data[begin : begin + chance.randrange(2000)]
    data[begin:begin] = piece * chance.choice((1, 2, 20))


def _append(chance: Random, data: bytearray) -> None:
    data += seed(chance.choice(list(SEEDS))) if chance.random() < 0.5 else chance.randbytes(500)


STRUCTURED: list[Change] = [_flip, _flip, _number, _number, _lie, _double, _drop, _shuffle, _graft, _wrap, _resize]
PLAIN: list[Callable[[Random, bytearray], None]] = [_flip_anywhere, _flip_anywhere, _cut, _repeat, _append]
