"""Hostile files, each proved to work where it is allowed, so that a test of its refusal means something."""

import shutil
import struct
from pathlib import Path

from verify.kit.boxes import box, parsed


def playlist(path: Path, victim: Path) -> None:
    """Write an HLS playlist that plays another local file."""
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:9", "#EXTINF:9,", f"file:{victim}", "#EXT-X-ENDLIST", ""]
    path.write_text("\n".join(lines))


def external_reference(path: Path, clip: Path, victim: Path) -> None:
    """Write a QuickTime movie without media of its own: its index says that they are in another file."""
    shutil.copy(clip, victim)
    data = clip.read_bytes()
    moov = next(top for top in parsed(data) if top.kind == b"moov")
    alias = _alias(victim)
    for reference in moov.all(b"dref"):
        reference.body = struct.pack(">II", 0, 1) + box(b"alis", struct.pack(">I", 0) + alias)
    path.write_bytes(data[:32] + moov.written())


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
