"""Empty shells of the files that FFmpeg makes: all that our checks look at, and no pictures."""

import re
from collections.abc import Sequence

from verify.kit.boxes import box

from anb.media.renditions import POSTERS, Rendition


def made_up(name: str, arguments: Sequence[str]) -> bytes:
    """Return an empty shell of a file that FFmpeg makes."""
    graph = arguments[arguments.index("-filter_complex") + 1] if "-filter_complex" in arguments else ""
    if name.endswith(".mp4"):
        return mp4(b"coded so")
    if name in POSTERS:
        size = POSTERS[Rendition(name)]
        return jpeg(*size) if name.endswith("jpeg") else avif(*size)
    rows, tiles = re.findall(r"tile=10x(\d+):nb_frames=(\d+)", graph)[0]
    stills = int(tiles) - 1
    if name == "looks.gray":
        return bytes([118]) * 64 * 36 * stills
    return jpeg(1600, 90 * int(rows)) if name == "sprite.jpg" else jpeg(1280, 720) * stills


def mp4(coding: bytes, clock: int = 15360) -> bytes:
    """Return an MP4 that declares how its pictures are coded and the unit of their times, and contains none."""
    header = box(b"mdhd", bytes(12) + clock.to_bytes(4) + bytes(8))
    table = box(b"minf", box(b"stbl", box(b"stsd", coding)))
    return box(b"ftyp", b"isom") + box(b"mdat", b"") + box(b"moov", box(b"trak", box(b"mdia", header + table)))


def avif(width: int, height: int) -> bytes:
    """Return the empty shell of an AVIF."""
    size = box(b"ispe", bytes(4) + width.to_bytes(4) + height.to_bytes(4))
    return box(b"ftyp", b"avif") + box(b"meta", size) + box(b"mdat", b"")


def jpeg(width: int, height: int, padding: int = 0) -> bytes:
    """Return the empty shell of a JPEG."""
    frame = b"\xff\xc0\x00\x11\x08" + height.to_bytes(2) + width.to_bytes(2)
    return b"\xff\xd8\xff\xdb" + frame + bytes(padding) + b"\xff\xd9"
