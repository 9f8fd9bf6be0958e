"""Changes of the boxes of an MP4, and what each means."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from verify.kit.boxes import Box, parsed

UNITY = (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
ENABLED = 1


class MoovEdit(Protocol):
    """A change to the `moov` of a file; its repr identifies it in the cache."""

    def make(self, moov: Box) -> None:
        """Apply the change."""


def changed(data: bytes, changes: Sequence[MoovEdit]) -> bytes:
    """Return a file with its `moov` changed, which must be the last box, so that no offset moves."""
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
    """Rotates the picture clockwise, then mirrors it; in the track, as phones do, or in the movie header."""

    clockwise: int
    mirrored: bool = False
    by_movie: bool = False
    by_stream: bool = False  # the stream says so, not a box

    def make(self, moov: Box) -> None:
        """Write the matrix with its shift: the rotated picture begins at the origin again."""
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
    """An edit list: (seconds, first second in the track; None for an empty edit) for each entry."""

    parts: tuple[tuple[float, float | None], ...]

    def make(self, moov: Box) -> None:
        """Replace the list of the pictures' track. Times count from the first picture, so its shift is kept."""
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
    """Removes every box of a kind."""

    kind: bytes

    def make(self, moov: Box) -> None:
        """Remove the box wherever it is."""
        moov.remove(self.kind)


@dataclass(frozen=True)
class SampleEntryBox:
    """Adds a box to the sample entry, which says more of how the pictures are coded."""

    kind: bytes
    body: bytes

    def make(self, moov: Box) -> None:
        """Append the box."""
        pictures(moov).one(b"stsd").children[0].children.append(Box(self.kind, self.body))


@dataclass(frozen=True)
class Disabled:
    """Disables the track at a place, so that players skip it."""

    track: int

    def make(self, moov: Box) -> None:
        """Clear the flag that enables the track."""
        header = list(moov.all(b"tkhd"))[self.track]
        header.edit(0, ">I", struct.unpack_from(">I", header.body)[0] & ~ENABLED)


@dataclass(frozen=True)
class Reversed:
    """Reverses the order of the tracks."""

    def make(self, moov: Box) -> None:
        """Put the last track first."""
        tracks = [box for box in moov.children if box.kind == b"trak"]
        moov.children = [tracks.pop() if box.kind == b"trak" else box for box in moov.children]


@dataclass(frozen=True)
class Late:
    """Delays the last pictures, a number of them, by a number of ticks."""

    ticks: int
    count: int

    def make(self, moov: Box) -> None:
        """Write a table of times with two rows."""
        table = pictures(moov).one(b"stbl")
        (samples,) = struct.unpack_from(">I", table.one(b"stsz").body, 8)
        body = struct.pack(">4xIIIII", 2, samples - self.count, 0, self.count, self.ticks)
        table.children = [*(child for child in table.children if child.kind != b"ctts"), Box(b"ctts", body)]


def clean_aperture(width: int, height: int, right: int = 0, down: int = 0) -> SampleEntryBox:
    """Show a part of the picture; its middle is right of and below that of the whole by a number of half pixels."""
    return SampleEntryBox(b"clap", struct.pack(">IIIIiIiI", width, 1, height, 1, right, 2, down, 2))


def dolby_vision() -> SampleEntryBox:
    """Declare Dolby Vision profile 8.4, as iPhones do for HLG: level 4, the base layer alone."""
    return SampleEntryBox(b"dvvC", bytes([1, 0, 8 << 1, 4 << 3 | 0b101, 4 << 4]) + bytes(19))


def dolby_vision_alone() -> SampleEntryBox:
    """Declare Dolby Vision profile 5: level 6, in its own colours, without a base layer that other devices show."""
    return SampleEntryBox(b"dvcC", bytes([1, 0, 5 << 1, 6 << 3 | 0b101, 0]) + bytes(19))


def colours(primaries: int, transfer: int, matrix: int, *, full: bool = False) -> SampleEntryBox:
    """Write colours in the container, by the numbers of ITU-T H.273."""
    return SampleEntryBox(b"colr", struct.pack(">4sHHHB", b"nclx", primaries, transfer, matrix, full << 7))


@dataclass(frozen=True)
class Renamed:
    """Renames the sample entry: a codec that no decoder knows."""

    kind: bytes
    name: bytes

    def make(self, moov: Box) -> None:
        """Overwrite the name in every sample table."""
        for table in moov.all(b"stsd"):
            for entry in table.children:
                entry.kind = self.name if entry.kind == self.kind else entry.kind
