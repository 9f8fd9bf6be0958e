"""What files declare about their pictures, in the extreme: crops, colours, turns, edits and endless headers."""

import random
import struct
from pathlib import Path

from verify.kit.boxes import box

from support.clips import ffmpeg, kept_file
from support.hostile.case import Bait, Cases, Maker, holding, mp4, webm
from support.hostile.tables import numbers
from support.hostile.tree import TRACK, VIDEO, Node, changed, copy, element, read

NOISE = random.Random(13).randbytes(4096)
MOST = (1 << 32) - 1
CLAP = struct.Struct(">IIIIiIiI")


def _described(*boxes: bytes) -> Maker:
    """Put boxes into the sample entry."""

    def make() -> bytes:
        root, _ = read(mp4())
        root.one(b"avc1").children += [Node(b"", each) for each in boxes]
        return root.write("boxes")

    return holding(make)


def _clap(*values: int) -> Maker:
    return _described(box(b"clap", CLAP.pack(*values)))


def _colr(body: bytes) -> Maker:
    return _described(box(b"colr", body))


def _dovi(body: bytes) -> Maker:
    return _described(box(b"dvcC", body))


def _video(*elements: bytes) -> Maker:
    """Put elements into a WebM's description of its pictures."""
    return _tracked(VIDEO, *elements)


def _tracked(where: bytes, *elements: bytes) -> Maker:
    def make() -> bytes:
        root, form = read(webm())
        root.one(where).children += [Node(b"", each) for each in elements]
        return root.write(form)

    return holding(make)


def _crop(left: int, top: int, right: int, bottom: int) -> Maker:
    names = (b"\x54\xcc", b"\x54\xbb", b"\x54\xdd", b"\x54\xaa")
    sides = zip(names, (left, top, right, bottom), strict=True)
    return _video(*(element(name, pixels.to_bytes(8, "big")) for name, pixels in sides))


def _colour(**values: bytes) -> Maker:
    names = {"matrix": b"\x55\xb1", "range": b"\x55\xb9", "transfer": b"\x55\xba", "primaries": b"\x55\xbb"}
    names |= {"light": b"\x55\xbc", "mastered": b"\x55\xd0", "bits": b"\x55\xb2"}
    return _video(element(b"\x55\xb0", b"".join(element(names[name], body) for name, body in values.items())))


def _entries(count: int) -> Maker:
    """Describe the pictures many times, and change the description with each picture."""

    def make() -> bytes:
        root, _ = read(mp4())
        table = root.one(b"stsd")
        table.children = [copy(table.children[0]) for _ in range(count)]
        table.body = numbers(count)
        return root.write("boxes")

    return holding(make)


def _edits(*edits: tuple[int, int, int]) -> Maker:
    body = struct.pack(">II", 1 << 24, len(edits)) + b"".join(struct.pack(">QqI", *edit) for edit in edits)
    return holding(lambda: changed(mp4(), b"elst", lambda _: body))


def _late(offset: int, version: int = 0) -> Maker:
    """Show one picture ages earlier or later."""
    rows = struct.pack(">IIII", 29, 0, 1, offset & MOST)
    body = bytes([version, 0, 0, 0]) + struct.pack(">I", 2) + rows

    def make() -> bytes:
        root, _ = read(mp4())
        table = root.one(b"stbl")
        table.children = [child for child in table.children if child.name != b"ctts"] + [Node(b"ctts", body)]
        return root.write("boxes")

    return holding(make)


def _matrix(*values: int) -> Maker:
    packed = struct.pack(">9I", *(value & MOST for value in values))
    return holding(lambda: changed(mp4(), b"tkhd", lambda body: body[:40] + packed + body[76:]))


def _ever_changing(count: int) -> Maker:
    """Join pictures that are each a little wider than the one before: each keyframe brings other headers."""

    def draw(path: Path) -> None:
        stream, part = path.with_suffix(".h264"), path.with_suffix(".part.h264")
        joined = b""
        for number in range(count):
            source = f"color=c=gray:s={320 + 2 * number}x180:r=10:d=0.1,format=yuv420p"
            ffmpeg("-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "ultrafast", "-f", "h264", str(part))
            joined += part.read_bytes()
        stream.write_bytes(joined)
        ffmpeg("-f", "h264", "-r", "30", "-i", str(stream), "-c", "copy", "-f", "mp4", str(path))
        stream.unlink()
        part.unlink()

    def make(path: Path, _bait: Bait) -> None:
        path.write_bytes(kept_file(f"ever changing {count}", "bin", draw).read_bytes())

    return make


def _one_keyframe(count: int, seconds: int) -> Maker:
    """Say that one keyframe of 4K is thousands of samples: a small file, and each must be decoded."""

    def make(path: Path, _bait: Bait) -> None:
        path.write_bytes(_claiming(count, seconds))

    return make


def claiming_thousands(_clip: bytes) -> bytes:
    """Return, for any clip, a file of one keyframe whose tables claim three million pictures of 4K."""
    return _claiming(3_000_000, 60)


def claiming_hundreds(_clip: bytes) -> bytes:
    """Return, for any clip, a file of one keyframe whose tables claim 200 pictures of 4K a second."""
    return _claiming(11_600, 58)


def _claiming(count: int, seconds: int) -> bytes:
    data = kept_file("one keyframe of 4K", "bin", _keyframe).read_bytes().replace(b"edts", b"free")
    scale, step = 90_000, 90_000 * seconds // count
    place, size = (
        struct.unpack_from(">I", data, data.index(kind) + at)[0] for kind, at in ((b"stco", 12), (b"stsz", 8))
    )
    if not size:
        (size,) = struct.unpack_from(">I", data, data.index(b"stsz") + 16)
    tables = {b"stsz": numbers(size, count), b"stco": numbers(count, *[place] * count)}
    tables |= {b"stts": numbers(1, count, step), b"stsc": numbers(1, 1, 1, 1)}
    data = changed(data, b"mdhd", lambda body: body[:12] + struct.pack(">II", scale, count * step) + body[20:])
    for kind, body in tables.items():
        data = changed(data, kind, lambda _, body=body: body)  # type: ignore[misc]
    return data


def _keyframe(path: Path) -> None:
    source = "color=c=gray:s=3840x2160:r=30:d=0.03,format=yuv420p"
    ffmpeg("-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "ultrafast", "-f", "mp4", str(path))


ONCE = 1 << 16
CASES: Cases = {
    "clap-one-pixel": _clap(1, 1, 1, 1, 0, 1, 0, 1),
    "clap-of-nothing": _clap(0, 1, 0, 1, 0, 1, 0, 1),
    "clap-no-ratio": _clap(320, 0, 180, 0, 0, 0, 0, 0),
    "clap-the-most": _clap(MOST, 1, MOST, 1, 0, 1, 0, 1),
    "clap-far-away": _clap(64, 1, 64, 1, 0x7FFFFFFF, 1, -0x80000000, 1),
    "clap-by-splinters": _clap(MOST, MOST - 1, MOST, MOST - 1, 1, MOST, -1, MOST),
    "clap-cut-off": _described(box(b"clap", CLAP.pack(64, 1, 64, 1, 0, 1, 0, 1)[:9])),
    "clap-a-hundred-times": _described(*(box(b"clap", CLAP.pack(64 + n, 1, 64, 1, 0, 1, 0, 1)) for n in range(100))),
    "pixelcrop-all": _crop(160, 90, 160, 90),
    "pixelcrop-more-than-all": _crop(1000, 1000, 1000, 1000),
    "pixelcrop-the-most": _crop((1 << 64) - 1, (1 << 63), 1 << 32, 1 << 31),
    "pixelcrop-odd": _crop(1, 3, 5, 7),
    "dvcc-empty": _dovi(b""),
    "dvcc-cut-off": _dovi(bytes([1, 0, 10])),
    "dvcc-of-noise": _dovi(NOISE),
    "dvcc-profile-127": _dovi(bytes([255] * 24)),
    "colr-empty": _colr(b""),
    "colr-cut-off": _colr(b"nclx\0\1"),
    "colr-numbers-nobody-has": _colr(b"nclx" + b"\xff" * 7),
    "colr-of-noise": _colr(NOISE),
    "colr-profile-of-noise": _colr(b"prof" + NOISE),
    "colr-profile-restricted": _colr(b"rICC" + NOISE * 100),
    "colour-numbers-nobody-has": _colour(matrix=b"\xff" * 8, range=b"\xff", transfer=b"\xff" * 8, primaries=b"\xff"),
    "colour-empty": _colour(matrix=b"", range=b"", transfer=b"", primaries=b""),
    "colour-of-noise": _video(element(b"\x55\xb0", NOISE)),
    "colour-light-that-is-no-number": _colour(transfer=b"\x10", light=b"\xff" * 8, mastered=NOISE[:200]),
    "colour-a-thousand-times": _video(*[element(b"\x55\xb0", element(b"\x55\xb1", b"\0"))] * 1000),
    "mapping-of-noise": _tracked(
        TRACK, element(b"\x41\xe4", element(b"\x41\xe7", b"dvcC") + element(b"\x41\xed", b"\1"))
    ),
    "stsd-a-thousand": _entries(1000),
    "stsd-65000": _entries(65_000),
    "elst-of-no-duration": _edits((0, 0, ONCE)),
    "elst-of-no-duration-far": _edits((0, (1 << 63) - 1, ONCE)),
    "elst-of-no-duration-twice": _edits((0, 0, ONCE), (0, 0, ONCE)),
    "elst-of-no-rate": _edits((1000, 0, 0)),
    "ctts-two-to-the-31": _late(1 << 31),
    "ctts-minus-two-to-the-31": _late(-(1 << 31), 1),
    "ctts-two-to-the-31-less-one": _late((1 << 31) - 1),
    "matrix-of-zeros": _matrix(*[0] * 9),
    "matrix-of-the-most": _matrix(*[0x7FFFFFFF] * 9),
    "matrix-of-noise": _matrix(*struct.unpack_from(">9I", NOISE)),
    "matrix-one-row": _matrix(0, ONCE, 0, 0, ONCE, 0, 0, 0, 1 << 30),
    "180000-samples-on-one-4k-keyframe": _one_keyframe(180_000, 60),
    "14000-samples-on-one-4k-keyframe": _one_keyframe(14_000, 58),
    "headers-ever-changing": _ever_changing(80),
    "headers-changing-30-times": _ever_changing(30),
}
