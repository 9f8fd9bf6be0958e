"""The boxes of an MP4, read as a tree, changed, and written again; also what each kind of change means."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

# Boxes that hold boxes, with the bytes before the first of them.
HOLDERS = {b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0, b"stbl": 0, b"edts": 0, b"dinf": 0, b"udta": 0, b"moof": 0}
HOLDERS |= {b"traf": 0, b"mvex": 0, b"meta": 4, b"ilst": 0, b"stsd": 8, b"avc1": 78, b"hvc1": 78}
UNITY = (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
ENABLED = 1


@dataclass
class Box:
    """One box; a holder has its own bytes before its children."""

    kind: bytes
    body: bytes
    children: list["Box"] = field(default_factory=list)

    def written(self) -> bytes:
        """Return its bytes."""
        inside = self.body + b"".join(child.written() for child in self.children)
        return struct.pack(">I4s", 8 + len(inside), self.kind) + inside

    def all(self, kind: bytes) -> Iterator["Box"]:
        """Walk through those of a kind, itself included."""
        if self.kind == kind:
            yield self
        for child in self.children:
            yield from child.all(kind)

    def one(self, kind: bytes) -> "Box":
        """Return the first of a kind."""
        return next(self.all(kind))

    def edit(self, place: int, form: str, *values: int) -> None:
        """Overwrite numbers in its body."""
        data = bytearray(self.body)
        struct.pack_into(form, data, place, *values)
        self.body = bytes(data)


class Change(Protocol):
    """Something done to the `moov` of a file; its repr says what, for the cache."""

    def make(self, moov: Box) -> None:
        """Do it."""


def parsed(data: bytes) -> list[Box]:
    """Read boxes. Raises ValueError where one says that it is larger than what is there."""
    boxes, place = [], 0
    while place + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        header = 16 if size == 1 else 8
        size = {0: len(data) - place, 1: struct.unpack_from(">Q", data.ljust(place + 16), place + 8)[0]}.get(size, size)
        if not header <= size <= len(data) - place:
            raise ValueError(f"{kind!r} at {place} has {size} bytes")
        inside = data[place + header : place + size]
        own = HOLDERS.get(kind)
        boxes.append(Box(kind, inside) if own is None else Box(kind, inside[:own], parsed(inside[own:])))
        place += size
    return boxes


def changed(data: bytes, changes: Sequence[Change]) -> bytes:
    """Return a file with its `moov` changed; that one must be last, so that no offset moves."""
    *others, moov = parsed(data)
    assert moov.kind == b"moov"
    for change in changes:
        change.make(moov)
    return b"".join(box.written() for box in [*others, moov])


def pictures(moov: Box) -> Box:
    """Return the first track of moving pictures."""
    return next(track for track in moov.all(b"trak") if track.one(b"hdlr").body[8:12] == b"vide")


@dataclass(frozen=True)
class Turned:
    """Asks players to turn the picture clockwise, then to mirror it; by the track, as phones do, or the whole movie."""

    clockwise: int
    mirrored: bool = False
    by_movie: bool = False

    def make(self, moov: Box) -> None:
        """Write the matrix, its shift included: the turned picture begins at the origin again."""
        track = pictures(moov).one(b"tkhd")
        wide, high = struct.unpack_from(">II", track.body, 76)
        a, b, c, d = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[self.clockwise]
        if self.mirrored:
            a, c = -a, -c
        across, down = -min(0, a) * wide - min(0, c) * high, -min(0, b) * wide - min(0, d) * high
        matrix = (a << 16, b << 16, 0, c << 16, d << 16, 0, across, down, 1 << 30)
        box, place = (moov.one(b"mvhd"), 36) if self.by_movie else (track, 40)
        box.edit(place, ">9i", *matrix)


@dataclass(frozen=True)
class EditList:
    """Shows only parts of what is there: (seconds, from which second of the track on; None for nothing at all)."""

    parts: tuple[tuple[float, float | None], ...]

    def make(self, moov: Box) -> None:
        """Replace the list of the pictures' track; times count from the first picture, so that list's shift is kept."""
        track = pictures(moov)
        movie = struct.unpack_from(">I", moov.one(b"mvhd").body, 12)[0]
        media = struct.unpack_from(">I", track.one(b"mdhd").body, 12)[0]
        old = track.one(b"elst")
        shift = struct.unpack_from(">i", old.body, 12)[0]
        entries = [
            struct.pack(">IiI", round(length * movie), -1 if begin is None else round(begin * media) + shift, 0x10000)
            for length, begin in self.parts
        ]
        old.body = struct.pack(">II", 0, len(entries)) + b"".join(entries)


@dataclass(frozen=True)
class Without:
    """Lacks every box of a kind."""

    kind: bytes

    def make(self, moov: Box) -> None:
        """Take it away wherever it is."""
        moov.children = [child for child in moov.children if child.kind != self.kind]
        for child in moov.children:
            self.make(child)


@dataclass(frozen=True)
class Sample:
    """Says something more of how its pictures are coded, in one more box of the sample entry."""

    kind: bytes
    body: bytes

    def make(self, moov: Box) -> None:
        """Append the box."""
        pictures(moov).one(b"stsd").children[0].children.append(Box(self.kind, self.body))


@dataclass(frozen=True)
class Disabled:
    """Has a track, by its place, that players pass over."""

    track: int

    def make(self, moov: Box) -> None:
        """Clear its flag."""
        header = list(moov.all(b"tkhd"))[self.track]
        header.edit(0, ">I", struct.unpack_from(">I", header.body)[0] & ~ENABLED)


@dataclass(frozen=True)
class Reversed:
    """Has its tracks in the other order."""

    def make(self, moov: Box) -> None:
        """Put the last track first."""
        tracks = [box for box in moov.children if box.kind == b"trak"]
        moov.children = [tracks.pop() if box.kind == b"trak" else box for box in moov.children]


def clean_aperture(width: int, height: int, spare: int) -> Sample:
    """Show only the upper part of a picture that has some spare rows below."""
    return Sample(b"clap", struct.pack(">IIIIiIiI", width, 1, height, 1, 0, 1, -spare, 2))


def dolby_vision() -> Sample:
    """Say Dolby Vision profile 8.4, as iPhones do of their HLG: level 4, the base layer alone."""
    return Sample(b"dvvC", bytes([1, 0, 8 << 1, 4 << 3 | 0b101, 4 << 4]) + bytes(19))


@dataclass(frozen=True)
class Renamed:
    """Has a sample entry of another name than its kind: a codec that nobody knows."""

    kind: bytes
    name: bytes

    def make(self, moov: Box) -> None:
        """Overwrite the name in every sample table."""
        for table in moov.all(b"stsd"):
            for entry in table.children:
                entry.kind = self.name if entry.kind == self.kind else entry.kind
