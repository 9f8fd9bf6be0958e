"""Files made to harm, each shown to work where it is let, so that a test of its refusal means something."""

import shutil
import struct
from pathlib import Path

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"dinf"}


def playlist(path: Path, victim: Path) -> None:
    """Write an HLS playlist that plays another local file."""
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:9", "#EXTINF:9,", f"file:{victim}", "#EXT-X-ENDLIST", ""]
    path.write_text("\n".join(lines))


def external_reference(path: Path, clip: Path, victim: Path) -> None:
    """Write a QuickTime movie without media of its own: its index says that they lie in another file."""
    shutil.copy(clip, victim)
    data = clip.read_bytes()
    place, moov = 0, b""
    while place + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        moov = data[place : place + size] if kind == b"moov" else moov
        place += size
    path.write_bytes(data[:32] + _referring(moov, victim))


def _referring(box: bytes, victim: Path) -> bytes:
    """Copy a box, with its data reference changed into an alias of another file."""
    kind, body = box[4:8], box[8:]
    if kind == b"dref":
        alias = _alias(victim)
        body = struct.pack(">II", 0, 1) + struct.pack(">I4sI", len(alias) + 12, b"alis", 0) + alias
    elif kind in CONTAINERS:
        parts, place = [], 0
        while place < len(body):
            (size,) = struct.unpack(">I", body[place : place + 4])
            parts.append(_referring(body[place : place + size], victim))
            place += size
        body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _alias(victim: Path) -> bytes:
    """Write a Macintosh alias record: volume, file name, levels, then the absolute path as its entry of type 2."""
    name, whole = victim.name.encode(), str(victim).encode()
    whole += b"\0" * (len(whole) % 2)
    fixed = bytes(10) + bytes([0]) + bytes(27) + bytes(12) + bytes([len(name)]) + name.ljust(63, b"\0") + bytes(16)
    return (
        fixed
        + struct.pack(">hh", -1, -1)
        + bytes(16)
        + struct.pack(">hH", 2, len(whole))
        + whole
        + struct.pack(">hH", -1, 0)
    )
