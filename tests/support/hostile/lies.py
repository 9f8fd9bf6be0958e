"""False sizes, and deeply nested boxes."""

import struct
from collections.abc import Callable

from verify.kit import boxes
from verify.kit.boxes import box

from support.hostile.case import Cases, Maker, holding, mp4, ready_mp4
from support.hostile.scripts import FTYP
from support.hostile.tree import read

LYING = (b"ftyp", b"moov", b"trak", b"mdia", b"stbl", b"stsd", b"avc1", b"stsz", b"mdat")
DEEP = 10_000
# The four bytes of the size, and eight more if the first say so.
CLAIMS: dict[str, bytes] = {
    "zero": struct.pack(">I", 0),
    "smaller-than-its-head": struct.pack(">I", 7),
    "beyond-the-end": struct.pack(">I", 0x7FFFFFFF),
    "the-most": struct.pack(">I", 0xFFFFFFFF),
}
LARGE: dict[str, int] = {"large-zero": 0, "large-small": 8, "large-2-63": 1 << 63, "large-most": (1 << 64) - 1}


def _lie(name: bytes, claim: bytes) -> Maker:
    def make() -> bytes:
        data = bytearray(ready_mp4())
        place = data.index(name) - 4
        data[place : place + 4] = claim
        return bytes(data)

    return holding(make)


def _large(name: bytes, claim: int) -> Maker:
    """Let a box claim a size in 64 bits."""

    def make() -> bytes:
        data = ready_mp4()
        place = data.index(name) - 4
        return data[:place] + boxes.large_head(name, claim) + data[place + 8 :]

    return holding(make)


def _nested(name: bytes, depth: int) -> Callable[[], bytes]:
    def make() -> bytes:
        heads = (boxes.head(name, 8 * (depth - level)) for level in range(depth))
        return FTYP + b"".join(heads)

    return make


def _beside(name: bytes, count: int) -> Callable[[], bytes]:
    return lambda: FTYP + box(b"moov", box(name) * count) + mp4()[32:]


def _clip_in_moovs() -> bytes:
    """Hide a good index among 500 others."""
    root, _ = read(ready_mp4())
    index = root.one(b"moov").write("boxes")
    for _ in range(500):
        index = box(b"moov", index)
    return FTYP + index


CASES: Cases = {
    **{f"{name.decode()}-{how}": _lie(name, claim) for name in LYING[:6] for how, claim in CLAIMS.items()},
    **{f"{name.decode()}-{how}": _large(name, claim) for name in (b"moov", b"mdat") for how, claim in LARGE.items()},
    "avc1-the-most": _lie(b"avc1", CLAIMS["the-most"]),
    "stsz-beyond": _lie(b"stsz", CLAIMS["beyond-the-end"]),
    "mdat-zero": _lie(b"mdat", CLAIMS["zero"]),
    "moov-10000-deep": holding(_nested(b"moov", DEEP)),
    "udta-10000-deep": holding(_nested(b"udta", DEEP)),
    "trak-10000-beside": holding(_beside(b"trak", DEEP)),
    "free-100000-beside": holding(lambda: mp4() + box(b"free") * 100_000),
    "moov-in-500-moovs": holding(_clip_in_moovs),
}
