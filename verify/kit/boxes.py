"""The boxes of an MP4: heads, a walk over them, and a tree to change and to write again."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

HEADER = 8  # bytes before the content of a box, unless its size needs 64 bits
LARGE_HEADER = 16
# Boxes that hold boxes, with the number of bytes before the first of them.
HOLDERS = dict.fromkeys((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"udta", b"moof"), 0)
HOLDERS |= {b"traf": 0, b"mvex": 0, b"meta": 4, b"ilst": 0, b"stsd": 8, b"avc1": 78, b"hvc1": 78}


@dataclass
class Box:
    """One box; a holder has its own bytes before its children."""

    kind: bytes
    body: bytes
    children: list["Box"] = field(default_factory=list)

    def written(self) -> bytes:
        """Return the box as bytes."""
        return box(self.kind, self.body + b"".join(child.written() for child in self.children))

    def all(self, kind: bytes) -> Iterator["Box"]:
        """Yield the boxes of a kind, this one included."""
        if self.kind == kind:
            yield self
        for child in self.children:
            yield from child.all(kind)

    def one(self, kind: bytes) -> "Box":
        """Return the first box of a kind."""
        return next(self.all(kind))

    def edit(self, place: int, form: str, *values: int) -> None:
        """Overwrite numbers in the body."""
        data = bytearray(self.body)
        struct.pack_into(form, data, place, *values)
        self.body = bytes(data)

    def remove(self, kind: bytes) -> None:
        """Remove every box of a kind below this one."""
        self.children = [child for child in self.children if child.kind != kind]
        for child in self.children:
            child.remove(kind)


def box(kind: bytes, body: bytes = b"", states: int | None = None) -> bytes:
    """Return one box; `states` is written as its size where that is false."""
    return head(kind, HEADER + len(body) if states is None else states) + body


def head(kind: bytes, size: int) -> bytes:
    """Return the head of a box of `size` bytes; 0 means that it goes to the end of the file."""
    return struct.pack(">I4s", size, kind)


def large_head(kind: bytes, size: int) -> bytes:
    """Return the head of a box whose size is written in 64 bits."""
    return struct.pack(">I4sQ", 1, kind, size)


def walk(data: bytes, *, whole: bool = True) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and the content of each box.

    A box that claims more bytes than there are raises ValueError; without `whole` it ends with the data, and bytes that
    are too few for a box come last, without a kind.
    """
    place = 0
    while place + HEADER <= len(data):
        kind, start, size = _read_head(data, place)
        if not start <= size <= len(data) - place:
            if whole:
                raise ValueError(f"{kind!r} at {place} has {size} bytes")
            size = len(data) - place
        yield kind, data[place + start : place + size]
        place += size
    if place < len(data) and not whole:
        yield b"", data[place:]


def parsed(data: bytes) -> list[Box]:
    """Read boxes. Raises ValueError if one claims more bytes than there are."""
    boxes = []
    for kind, inside in walk(data):
        own = HOLDERS.get(kind)
        boxes.append(Box(kind, inside) if own is None else Box(kind, inside[:own], parsed(inside[own:])))
    return boxes


def _read_head(data: bytes, place: int) -> tuple[bytes, int, int]:
    """Return the kind of a box, the length of its head, and its size."""
    size, kind = struct.unpack_from(">I4s", data, place)
    if size == 1 and place + LARGE_HEADER <= len(data):
        return kind, LARGE_HEADER, struct.unpack_from(">Q", data, place + HEADER)[0]
    return kind, HEADER, size or len(data) - place
