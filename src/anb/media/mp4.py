"""Read the parts of MP4 that decide whether two of our files can be joined."""

from collections.abc import Iterator
from pathlib import Path

from anb.settings import MIB

LARGEST_MOOV = 4 * MIB  # bytes; a minute of video has 20 KB


class NotOurs(Exception):
    """The file is not one that we made."""


def description(path: Path) -> bytes:
    """Return the description of the pictures (stsd), and the unit of their times.

    When two files agree in these bytes, one decoder plays them one after the other. Raises NotOurs.
    """
    media = _within(_moov(path), b"trak", b"mdia")
    clock = _within(media, b"mdhd")[12:16]  # after version, flags and two times: units per second
    return clock + _within(media, b"minf", b"stbl", b"stsd")


def _moov(path: Path) -> bytes:
    with path.open("rb") as file:
        while len(head := file.read(8)) == 8:  # noqa: PLR2004 - size and kind, four bytes each
            size, kind = int.from_bytes(head[:4]), head[4:]
            if kind == b"moov":
                return file.read(min(size - 8, LARGEST_MOOV))
            file.seek(max(size - 8, 0), 1)
    raise NotOurs(f"{path.name} has no moov")


def _within(data: bytes, *kinds: bytes) -> bytes:
    """Return the content of the first box of a kind, then within it of the next kind, and so on."""
    for wanted in kinds:
        found = next((body for kind, body in _boxes(data) if kind == wanted), None)
        if found is None:
            raise NotOurs(f"there is no {wanted.decode()}")
        data = found
    return data


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    while len(data) >= 8:  # noqa: PLR2004 - as above
        size = max(int.from_bytes(data[:4]), 8)
        yield data[4:8], data[8:size]
        data = data[size:]
