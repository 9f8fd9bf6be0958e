"""Small files that grow when they are opened: flat pictures of a great size, growing pictures, endless frames."""

import struct
import zlib
from pathlib import Path

from verify.kit.boxes import box

from support.clips import ffmpeg, kept_file
from support.hostile.case import Bait, Cases, Maker, holding, mp4
from support.hostile.tables import numbers
from support.hostile.tree import changed, full, read

FLAT = "color=c=gray:s={size}:r=2:d=1,format=yuv420p"
ENCODERS = {
    "h264": ("mp4", "libx264", "-preset", "ultrafast"),
    "hevc": ("mp4", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"),
    "vp9": ("webm", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"),
    "av1": ("mp4", "libaom-av1", "-cpu-used", "8", "-usage", "realtime"),
}
PNG_SIDE = 30_000


def _flat(codec: str, size: str) -> Maker:
    form, encoder, *options = ENCODERS[codec]

    def draw(path: Path) -> None:
        ffmpeg("-f", "lavfi", "-i", FLAT.format(size=size), "-c:v", encoder, *options, "-f", form, str(path))

    def make(path: Path, _bait: Bait) -> None:
        path.write_bytes(kept_file(f"flat {codec} {size}", "bin", draw).read_bytes())

    return make


def _growing(path: Path, _bait: Bait) -> None:
    """Write a clip whose pictures become a hundred times as large in its middle."""

    def draw(kept: Path) -> None:
        stream = kept.with_suffix(".h264")
        stream.write_bytes(
            b"".join(_raw(kept.with_stem(f"{kept.stem}-{size}"), size) for size in ("320x180", "4096x4096"))
        )
        ffmpeg("-f", "h264", "-r", "2", "-i", str(stream), "-c", "copy", "-f", "mp4", str(kept))
        stream.unlink()

    path.write_bytes(kept_file("growing", "bin", draw).read_bytes())


def _raw(part: Path, size: str) -> bytes:
    ffmpeg(
        "-f", "lavfi", "-i", FLAT.format(size=size), "-c:v", "libx264", "-preset", "ultrafast", "-f", "h264", str(part)
    )
    data = part.read_bytes()
    part.unlink()
    return data


def _cover() -> bytes:
    """Give a clip a cover of 30000x30000 pixels in 100 kB."""
    root, _ = read(mp4())
    data = box(b"data", struct.pack(">II", 14, 0) + _png())
    handler = full(b"hdlr", bytes(4) + b"mdirappl" + bytes(9))
    root.one(b"moov").children += read(box(b"udta", full(b"meta", handler + box(b"ilst", box(b"covr", data)))))[
        0
    ].children
    return root.write("boxes")


def _png() -> bytes:
    rows = zlib.compress(bytes((PNG_SIDE // 8 + 1) * PNG_SIDE), 9)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", PNG_SIDE, PNG_SIDE, 1, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def _many_frames(count: int) -> bytes:
    """Declare each byte after the first frame a frame of its own."""
    data = changed(mp4(), b"stsz", lambda body: numbers(0, count) + body[12:16] + numbers(*[1] * (count - 1))[4:])
    data = changed(data, b"stts", lambda _: numbers(1, count, 1)).replace(b"edts", b"free")
    return changed(data, b"stsc", lambda _: numbers(1, 1, count, 1)) + bytes(count)


CASES: Cases = {
    "flat-h264-8192": _flat("h264", "8192x8192"),
    "flat-hevc-8192": _flat("hevc", "8192x8192"),
    "flat-vp9-8192": _flat("vp9", "8192x8192"),
    "flat-av1-8192": _flat("av1", "8192x8192"),
    "flat-h264-9000": _flat("h264", "9000x9000"),
    "flat-h264-ribbon": _flat("h264", "16384x16"),
    "flat-vp9-tower": _flat("vp9", "16x16384"),
    "growing": _growing,
    "cover-of-30000": holding(_cover),
    "frames-300000": holding(lambda: _many_frames(300_000)),
}
