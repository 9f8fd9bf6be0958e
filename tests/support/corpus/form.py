"""Checks an edit's form: every phone plays it, it starts fast, it has no data of the player or the phone."""

import struct
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
from verify.kit.boxes import Box, parsed

KEYFRAME_SECONDS = 2
HIGH, LEVEL_MOST = 100, 40  # H.264's numbers of profile High and level 4.0
IDR, SEI = 5, 6  # types of its units: a picture that needs no other, and messages

# All the boxes an edit may have: none can hold a word about its origin except `ilst`, which is empty.
BOXES = {
    *("ftyp", "mdat", "free", "moov", "mvhd", "trak", "tkhd", "edts", "elst", "mdia", "mdhd", "hdlr", "minf", "vmhd"),
    *("dinf", "dref", "stbl", "stsd", "avc1", "avcC", "colr", "pasp", "btrt"),
    *("stts", "stss", "ctts", "stsc", "stsz", "stco", "udta", "meta", "ilst"),
}
# Marks that corpus clips carry, and signatures that programs leave.
TRACES = [b"+04.6", b"Bogot", b"Phone", b"iOS 2", b"2026", b"2025", b"x264", b"Lavf", b"Lavc", b"Capitulo"]


def faults(edit: Path, rate: int) -> Iterator[str]:
    """Return the faults in the form of an edit."""
    data = edit.read_bytes()
    boxes = parsed(data)
    yield from _box_faults(boxes)
    yield from (f"holds {trace!r}" for trace in TRACES if trace in data)
    moov = next(box for box in boxes if box.kind == b"moov")
    timescale = struct.unpack_from(">I", moov.one(b"mdhd").body, 12)[0]
    steps = [struct.unpack_from(">I", entry, 4)[0] for entry in _entries(moov.one(b"stts").body, 8)]
    if [Fraction(step, timescale) for step in steps] != [Fraction(1, rate)]:
        yield f"frames last {steps} of {timescale}, not 1/{rate} s each"
    profile, level = moov.one(b"avcC").body[1], moov.one(b"avcC").body[3]
    if profile != HIGH or level > LEVEL_MOST:
        yield f"profile {profile}, level {level}"
    yield from _packet_faults(edit)


def _box_faults(boxes: list[Box]) -> Iterator[str]:
    kinds = [box.kind for box in boxes]
    if kinds.index(b"moov") > kinds.index(b"mdat"):
        yield f"does not start fast: {kinds}"
    for box in boxes:
        for kind in sorted(set(_kinds(box)) - BOXES):
            yield f"has a box {kind!r}"
        yield from (f"holds metadata {item.children!r}" for item in box.all(b"ilst") if item.children)
        for dated in (b"mvhd", b"tkhd", b"mdhd"):
            if any(header.body[:1] != b"\0" or any(header.body[4:12]) for header in box.all(dated)):
                yield f"{dated!r} tells a date"


def _kinds(box: Box) -> Iterator[str]:
    yield box.kind.decode("latin1")
    for child in box.children:
        yield from _kinds(child)


def _entries(body: bytes, size: int) -> list[bytes]:
    (count,) = struct.unpack_from(">I", body, 4)
    return [body[8 + size * number : 8 + size * (number + 1)] for number in range(count)]


def _packet_faults(edit: Path) -> Iterator[str]:
    """Keyframes come at least every two seconds, and no later picture refers back across one."""
    with av.open(str(edit)) as container:
        stream = container.streams.video[0]
        unit, one = Fraction(stream.time_base or 0), 1 / Fraction(stream.average_rate or 1)
        packets = [((packet.pts or 0) * unit, bytes(packet)) for packet in container.demux(stream) if packet.size]
    keys = []
    for time, data in packets:
        units = _units(data)
        if SEI in units:
            yield f"a remark in the picture at {float(time):.3f} s"
        if IDR in units:
            keys.append(time)
        elif keys and time < keys[-1]:
            yield f"a picture at {float(time):.3f} s follows the keyframe at {float(keys[-1]):.3f} s in the file"
    length = max(time for time, _ in packets) + one
    if keys[:1] != [0] or any(later - earlier > KEYFRAME_SECONDS for earlier, later in pairwise([*keys, length])):
        yield f"keyframes at {[float(key) for key in keys]} of {float(length):.3f} s"
    times = sorted(time for time, _ in packets)
    if {later - earlier for earlier, later in pairwise(times)} != {one}:
        yield "pictures are not shown evenly"


def _units(data: bytes) -> set[int]:
    """Return the types of the units of one picture."""
    kinds, place = set(), 0
    while place + 4 < len(data):
        (size,) = struct.unpack_from(">I", data, place)
        kinds.add(data[place + 4] & 31)
        place += 4 + size
    return kinds
