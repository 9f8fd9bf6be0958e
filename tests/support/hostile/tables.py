"""The tables of an MP4 with impossible numbers: a billion samples, a time scale of zero, edits before time zero."""

import struct
import zlib
from collections.abc import Callable

from verify.kit.boxes import box

from anb.settings import MIB
from support.hostile.case import Cases, Maker, holding, live_mp4, mp4
from support.hostile.tree import Node, changed, full, read

MILLIARD = 10**9
MOST = (1 << 32) - 1
FAR = 1 << 62


def numbers(*values: int) -> bytes:
    """Return numbers of 32 bits, after version and flags."""
    return bytes(4) + struct.pack(f">{len(values)}I", *(value & MOST for value in values))


def _all(name: bytes, body: bytes) -> Maker:
    return holding(lambda: changed(mp4(), name, lambda _: body))


def _at(name: bytes, place: int, value: int, form: str = ">I") -> Maker:
    """Overwrite one number of a box."""

    def change(body: bytes) -> bytes:
        new = struct.pack(form, value)
        return body[:place] + new + body[place + len(new) :]

    return holding(lambda: changed(mp4(), name, change))


def _edits(*edits: tuple[int, int, int]) -> Maker:
    body = struct.pack(">II", 1 << 24, len(edits)) + b"".join(struct.pack(">QqI", *edit) for edit in edits)
    return _all(b"elst", body)


def _with(where: bytes, *children: bytes) -> Callable[[], bytes]:
    """Put more boxes into one."""

    def make() -> bytes:
        root, _ = read(mp4())
        root.one(where).children += [Node(b"", child) for child in children]
        return root.write("boxes")

    return make


def _zipped(size: int) -> Callable[[], bytes]:
    """Write a compressed index that grows to `size` bytes."""

    def make() -> bytes:
        head = mp4().index(b"moov") - 4
        packed = struct.pack(">I", size) + zlib.compress(bytes(size), 9)
        return mp4()[:head] + box(b"moov", box(b"cmov", box(b"dcom", b"zlib") + box(b"cmvd", packed)))

    return make


def _fragment(name: bytes, body: bytes) -> Maker:
    return holding(lambda: changed(live_mp4(), name, lambda _: body))


ONCE = 1 << 16
CASES: Cases = {
    "stts-a-milliard": _all(b"stts", numbers(1, MILLIARD, 1)),
    "stts-a-milliard-of-entries": _all(b"stts", numbers(MILLIARD, 1, 1)),
    "stts-no-time": _all(b"stts", numbers(1, 30, 0)),
    "stts-all-time": _all(b"stts", numbers(1, 30, MOST)),
    "stts-backwards": _all(b"stts", numbers(1, 30, -512)),
    "ctts-a-milliard": _all(b"ctts", numbers(1, MILLIARD, 1)),
    "stsz-a-milliard-of-one-size": _all(b"stsz", numbers(1, MILLIARD)),
    "stsz-a-milliard-of-nothing": _all(b"stsz", numbers(0, MILLIARD)),
    "stsz-huge-samples": _all(b"stsz", numbers(0x7FFFFFFF, 30)),
    "stsc-a-milliard-in-a-chunk": _all(b"stsc", numbers(1, 1, MILLIARD, 1)),
    "stsc-wild": _all(b"stsc", numbers(2, 9, 1, 1, 3, 7, 9)),
    "stsc-no-description": _all(b"stsc", numbers(1, 1, 30, 77)),
    "stco-beyond": _all(b"stco", numbers(1, MOST - 9)),
    "stco-a-milliard": _all(b"stco", numbers(MILLIARD)),
    "stco-everywhere-the-same": _all(b"stco", numbers(30, *[40] * 30)),
    "stss-a-milliard": _all(b"stss", numbers(MILLIARD)),
    "mdhd-no-scale": _at(b"mdhd", 12, 0),
    "mdhd-all-scale": _at(b"mdhd", 12, MOST),
    "mvhd-no-scale": _at(b"mvhd", 12, 0),
    "mvhd-forever": _at(b"mvhd", 16, MOST),
    "elst-negative": _edits((1 << 40, -(1 << 40), ONCE)),
    "elst-overflowing": _edits((FAR, FAR, ONCE), (FAR, FAR, ONCE)),
    "elst-stretched": _edits((1000, 0, MOST)),
    "elst-many": _edits(*[(1, 0, ONCE)] * 50_000),
    "elst-a-milliard": _all(b"elst", numbers(MILLIARD, 1, 0, ONCE)),
    "tkhd-huge": _at(b"tkhd", 76, (1 << 64) - 1, ">Q"),
    "tkhd-matrix-of-noise": _at(b"tkhd", 40, 0x7FFFFFFF80000000, ">Q"),
    "avc1-65535-wide": _at(b"avc1", 24, 0xFFFF, ">H"),
    "avc1-without-size": _at(b"avc1", 24, 0, ">I"),
    "avcc-of-noise": holding(lambda: mp4().replace(b"avcC\x01", b"avcC\xff")),
    "avcc-empty": holding(lambda: changed(mp4(), b"avcC", lambda _: b"")),
    "stsd-a-milliard": holding(lambda: changed(mp4(), b"stsd", lambda _: numbers(MILLIARD))),
    "hdlr-of-nothing": _all(b"hdlr", bytes(24)),
    "pasp-no-pixels": holding(_with(b"avc1", box(b"pasp", struct.pack(">II", 0, 0)))),
    "pasp-wide-pixels": holding(_with(b"avc1", box(b"pasp", struct.pack(">II", MOST, 1)))),
    "keys-a-milliard": holding(_with(b"moov", box(b"meta", full(b"keys", struct.pack(">I", MILLIARD))))),
    "cenc-a-milliard": holding(_with(b"stbl", full(b"senc", struct.pack(">I", MILLIARD)), full(b"saiz", bytes(5)))),
    "sidx-of-itself": holding(lambda: mp4() + full(b"sidx", struct.pack(">IIIIHH", 1, 0, 0, 0, 0, 1) + bytes(12))),
    "index-zipped-wrongly": holding(_zipped(MIB)),
    "index-zipped-256-mb": holding(_zipped(1 << 28)),
    "trun-a-milliard": _fragment(b"trun", struct.pack(">II", 0, MILLIARD)),
    "trun-backwards": _fragment(b"trun", struct.pack(">IIi", 1, 30, -(1 << 31))),
    "tfhd-of-nobody": _fragment(b"tfhd", struct.pack(">II", 0, 77)),
    "tfdt-forever": _fragment(b"tfdt", struct.pack(">IQ", 1 << 24, (1 << 63) - 1)),
}
