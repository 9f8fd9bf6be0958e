"""What the bytes of a photo say before it is decoded: its kind, size, turn and end; part of the photo child.

Nothing after the end of the picture is decoded: phones append other pictures there, and a stranger anything.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

JPEG, PNG, RIFF, WEBP = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"WEBP"
EXIF = b"Exif\0\0"
ORIENTATION, SHORT = 0x0112, 3  # in the first directory of EXIF
LAST_TURN = 8
MOST_ENTRIES = 512
# Markers of JPEG: those that begin a picture, and those without a length.
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
ALONE = {0x01, *range(0xD0, 0xD9)}
END, SCAN, APP1, STUFFED = 0xD9, 0xDA, 0xE1, 0x00
MOVES = 0x02  # of the flags of a WebP


class NoPhoto(Exception):
    """None of the kinds that we open."""


class PhotoCutShort(Exception):
    """The end of the picture is missing."""


class Header(NamedTuple):
    """A photo before it is decoded."""

    codec: str  # FFmpeg's name
    width: int
    height: int
    turn: int  # EXIF's number, 1 to 8
    end: int  # bytes of the picture
    moves: bool = False


def read(data: bytes) -> Header:
    """Read the header of a photo. Raises NoPhoto, PhotoCutShort."""
    try:
        if data.startswith(JPEG):
            return _jpeg(data)
        if data.startswith(PNG):
            return _png(data)
        if data[:4] == RIFF and data[8:12] == WEBP:
            return _webp(data)
    except (struct.error, IndexError):
        raise PhotoCutShort from None
    raise NoPhoto


def _jpeg(data: bytes) -> Header:
    size, turn, place = None, 1, 2
    while True:
        while data[place] != 0xFF:  # decoders skip bytes between two parts  # noqa: PLR2004
            place += 1
        while data[place] == 0xFF:  # noqa: PLR2004 - any number of them may begin a marker
            place += 1
        marker, place = data[place], place + 1
        if marker == END:
            break
        if marker in ALONE:
            continue
        (length,) = struct.unpack_from(">H", data, place)
        if marker in FRAMES and size is None:
            size = struct.unpack_from(">HH", data, place + 3)
        if marker == APP1 and data[place + 2 : place + 8] == EXIF:
            turn = orientation(data[place + 8 : place + length])
        place += length
        if marker == SCAN:
            place = _after_scan(data, place)
    if size is None:
        raise NoPhoto
    return Header("mjpeg", size[1], size[0], turn, place)


def _after_scan(data: bytes, place: int) -> int:
    """Return where the next marker is, after coded pictures: there FF is followed by 00, or counts restarts."""
    while True:
        place = data.find(b"\xff", place)
        if place < 0:
            raise PhotoCutShort
        if data[place + 1] != STUFFED and data[place + 1] not in ALONE:
            return place
        place += 2


def _png(data: bytes) -> Header:
    width, height = struct.unpack_from(">II", data, 16)
    turn, place = 1, len(PNG)
    while True:
        (length,) = struct.unpack_from(">I", data, place)
        kind, begin, place = data[place + 4 : place + 8], place + 8, place + 12 + length
        if place > len(data):
            raise PhotoCutShort
        if kind == b"eXIf":
            turn = orientation(data[begin : begin + length])
        if kind == b"IEND":
            return Header("png", width, height, turn, place)


def _webp(data: bytes) -> Header:
    (length,) = struct.unpack_from("<I", data, 4)
    if 8 + length > len(data):
        raise PhotoCutShort
    size, turn, moves = None, 1, False
    for kind, body in _chunks(data[12 : 8 + length]):
        if kind == b"VP8X":
            moves = bool(body[0] & MOVES)
            size = tuple(1 + int.from_bytes(body[at : at + 3], "little") for at in (4, 7))
        elif kind == b"VP8 " and size is None:
            size = tuple(number & 0x3FFF for number in struct.unpack_from("<HH", body, 6))
        elif kind == b"VP8L" and size is None:
            bits = int.from_bytes(body[1:5], "little")
            size = (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
        elif kind == b"EXIF":
            turn = orientation(body.removeprefix(EXIF))
    if size is None:
        raise NoPhoto
    return Header("webp", size[0], size[1], turn, 8 + length, moves)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, place)
        yield kind, data[place + 8 : place + 8 + length]
        place += 8 + length + length % 2


def orientation(exif: bytes) -> int:
    """Return how EXIF says the picture is turned; 1, upright, where it does not say it, or says nonsense."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (place,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, place)
        for entry in range(min(count, MOST_ENTRIES)):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, place + 2 + 12 * entry)
            if (tag, kind) == (ORIENTATION, SHORT):
                return value if 1 <= value <= LAST_TURN else 1
    except struct.error:
        return 1
    return 1
