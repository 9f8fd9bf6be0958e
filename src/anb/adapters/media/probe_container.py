"""What a container says but libav does not report: crops, Dolby Vision, edit lists that mean the whole track.

The probing child reads this from untrusted files: every size is checked against the file, and every walk has an end.
Boxes follow ISO/IEC 14496-12 and QuickTime, the Dolby Vision record ETSI TS 103 572, elements RFC 9559.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

MOST_INDEX_BYTES = 64 * 1024 * 1024
MOST_BOXES = 20_000
MOST_HOLDERS = 5  # within each other, from a track to its sample table
HOLDERS = {b"trak", b"mdia", b"minf", b"stbl", b"edts"}
HEADER_BYTES = 8  # of a box: its size and kind
SAMPLE_ENTRY_BYTES = 78  # of a visual sample entry, before its boxes
CONFIGURATIONS = {b"avcC", b"hvcC", b"vpcC", b"av1C"}
DOLBY_VISION = {b"dvcC", b"dvvC", b"dvwC"}

SEGMENT, TRACKS, TRACK, VIDEO, CLUSTER = 0x18538067, 0x1654AE6B, 0xAE, 0xE0, 0x1F43B675
MAPPING, MAPPING_KIND, MAPPING_DATA = 0x41E4, 0x41E7, 0x41ED
CROPS = {0x54CC: 0, 0x54BB: 1, 0x54DD: 2, 0x54AA: 3}  # left, top, right, bottom

Clip: TypeAlias = Path | int  # a file's path, or the descriptor of an open file
Crop = tuple[int, int, int, int]  # pixels off the left, top, right and bottom of the coded picture
UNCUT: Crop = (0, 0, 0, 0)


@dataclass
class SampleRun:
    """How a run of samples is described."""

    configuration: bytes = b""
    crop: Crop = UNCUT
    dolby_vision: tuple[int, int] | None = None  # profile, and which other decoder can show it: 0 is none


@dataclass
class ContainerTrack:
    """What the container says of one track."""

    entries: list[SampleRun]
    shows_all: bool = False  # its edit list has one entry of duration 0, which means all samples

    def described(self, configuration: bytes) -> SampleRun:
        """Return the entry with these decoder headers, or the first where none has them."""
        first = self.entries[0] if self.entries else SampleRun()
        return next((entry for entry in self.entries if configuration and entry.configuration == configuration), first)


def opened(clip: Clip) -> BinaryIO:
    """Open a file at its beginning; a file that is already open stays open."""
    file = open(clip, "rb", closefd=not isinstance(clip, int))  # noqa: SIM115 - the caller closes it; may be a number
    file.seek(0)
    return cast("BinaryIO", file)


def read(clip: Clip, demuxer: str) -> dict[int, ContainerTrack]:
    """Return what the container says of each track: of MP4 by id, of Matroska by place, since libav keeps its ids."""
    with opened(clip) as file:
        try:
            return dict(_mov(file) if demuxer == "mov" else _matroska(file))
        except (struct.error, IndexError, OverflowError):
            return {}


def moov_first(clip: Clip) -> bool:
    """Say whether the index comes before the pictures, so that a player can start at once."""
    with opened(clip) as file:
        try:
            return next((kind for kind, _, _ in _top_boxes(file) if kind in {b"moov", b"mdat"}), b"") == b"moov"
        except struct.error:
            return False


def _mov(file: BinaryIO) -> Iterator[tuple[int, ContainerTrack]]:
    for kind, body in _boxes(_moov(file)):
        if kind == b"trak":
            yield _trak(body)


def _moov(file: BinaryIO) -> bytes:
    for kind, place, size in _top_boxes(file):
        if kind == b"moov":
            file.seek(place)
            return file.read(min(size, MOST_INDEX_BYTES))
    return b""


def _top_boxes(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Yield each box of the file: its kind, where its content begins, and its stated length."""
    end, place = file.seek(0, 2), 0
    for _ in range(MOST_BOXES):
        if place + HEADER_BYTES > end:  # stated sizes can exceed the largest file offset
            return
        file.seek(place)
        head = file.read(16)
        size, kind = struct.unpack_from(">I4s", head)
        header = 16 if size == 1 else 8
        size = struct.unpack_from(">Q", head, 8)[0] if size == 1 else size or end - place
        yield kind, place + header, max(size - header, 0)
        place += max(size, header)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    for _ in range(MOST_BOXES):
        if place + 8 > len(data):
            return
        size, kind = struct.unpack_from(">I4s", data, place)
        header = 8
        if size == 1 and place + 16 <= len(data):
            size, header = struct.unpack_from(">Q", data, place + 8)[0], 16
        size = size or len(data) - place
        if size < header:
            return
        yield kind, data[place + header : place + size]
        place += size


def _inside(data: bytes, deep: int = MOST_HOLDERS) -> Iterator[tuple[bytes, bytes]]:
    """Yield the boxes of a track, including those inside its container boxes."""
    for kind, body in _boxes(data):
        yield kind, body
        if kind in HOLDERS and deep:
            yield from _inside(body, deep - 1)


def _trak(data: bytes) -> tuple[int, ContainerTrack]:
    number, track = 0, ContainerTrack([])
    for kind, body in _inside(data):
        if kind == b"tkhd":
            (number,) = struct.unpack_from(">I", body, 20 if body[0] else 12)
        elif kind == b"elst":
            track.shows_all = _shows_all(body)
        elif kind == b"stsd":
            track.entries = [_entry(entry[SAMPLE_ENTRY_BYTES:], entry) for _, entry in _boxes(body[8:])]
    return number, track


def _shows_all(body: bytes) -> bool:
    (count,) = struct.unpack_from(">I", body, 4)
    duration, begin = struct.unpack_from(">Qq" if body[0] else ">Ii", body, 8)
    return bool(count == 1 and duration == 0 and begin >= 0)


def _entry(boxes: bytes, whole: bytes) -> SampleRun:
    entry = SampleRun()
    for kind, body in _boxes(boxes):
        if kind in CONFIGURATIONS:
            entry.configuration = body
        elif kind == b"clap":
            entry.crop = _aperture(body, *struct.unpack_from(">HH", whole, 24))
        elif kind in DOLBY_VISION:
            entry.dolby_vision = _dolby(body)
    return entry


def _aperture(body: bytes, width: int, height: int) -> Crop:
    """Read a clean aperture: its size, and the offset of its centre from the picture's."""
    numbers = struct.unpack_from(">IIIIiIiI", body)
    if 0 in numbers[1::2]:
        return UNCUT
    wide, high, right, down = (Fraction(numbers[place], numbers[place + 1]) for place in (0, 2, 4, 6))
    left, top = round((width - wide) / 2 + right), round((height - high) / 2 + down)
    sides = left, top, width - left - round(wide), height - top - round(high)
    if min(sides) < 0 or round(wide) < 1 or round(high) < 1:
        return UNCUT  # it reaches beyond the picture, and FFmpeg does not apply it either
    return sides


def _dolby(body: bytes) -> tuple[int, int]:
    return struct.unpack_from(">H", body, 2)[0] >> 9, body[4] >> 4


def _matroska(file: BinaryIO) -> Iterator[tuple[int, ContainerTrack]]:
    entries = (data for kind, data in _elements(_tracks(file)) if kind == TRACK)
    for place, data in enumerate(entries):
        yield place, ContainerTrack([_track_entry(data)])


def _tracks(file: BinaryIO) -> bytes:
    """Return the content of Tracks, which comes before the first cluster."""
    end, place = file.seek(0, 2), 0
    for _ in range(MOST_BOXES):
        if place >= end:
            return b""
        file.seek(place)
        head = file.read(12)
        kind, first = _vint(head, 0, keep=True)
        size, header = _vint(head, first)
        if kind == TRACKS:
            file.seek(place + header)
            return file.read(min(size, MOST_INDEX_BYTES))
        if kind == CLUSTER:
            return b""
        place += header if kind == SEGMENT else header + size
    return b""


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    for _ in range(MOST_BOXES):
        if place >= len(data):
            return
        kind, after = _vint(data, place, keep=True)
        size, begin = _vint(data, after)
        yield kind, data[begin : begin + size]
        place = begin + size


def _vint(data: bytes, place: int, *, keep: bool = False) -> tuple[int, int]:
    """Read a number of variable length; return it and where it ends. An id keeps its length marker."""
    length = 9 - data[place].bit_length()
    value = int.from_bytes(data[place : place + length], "big")
    return (value if keep else value & ((1 << 7 * length) - 1)), place + length


def _track_entry(data: bytes) -> SampleRun:
    entry, crop = SampleRun(), list(UNCUT)
    for kind, body in _elements(data):
        if kind == VIDEO:
            for side, value in _elements(body):
                if side in CROPS:
                    crop[CROPS[side]] = int.from_bytes(value, "big")
        elif kind == MAPPING:
            parts = dict(_elements(body))
            if parts.get(MAPPING_KIND, b"").lstrip(b"\0") in DOLBY_VISION:
                entry.dolby_vision = _dolby(parts.get(MAPPING_DATA, b""))
    left, top, right, bottom = crop
    entry.crop = (left, top, right, bottom)
    return entry
