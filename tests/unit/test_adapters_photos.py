"""What is believed of the child that makes pictures, and what a header says before anything is decoded."""

import json
import struct
from base64 import b64encode

import pytest

from anb.adapters.media import photo_header
from anb.adapters.media.photo_header import NoPhoto, PhotoCutShort, orientation
from anb.adapters.media.photo_maker import is_plain, understood
from anb.errors import Outage
from anb.ports import MadePhoto, PhotoSize, TooHeavy, Undecodable, Unreadable
from support.photographs import GPS_TEXT, cmyk, exif, png, with_exif


def part(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", 2 + len(body)) + body


def jpeg(side: int, *more: bytes, behind: bytes = b"") -> bytes:
    """Return a JPEG as the child writes one, with other parts before the scan, or bytes behind it."""
    frame = part(0xC0, b"\x08" + struct.pack(">HH", side, side) + b"\x03" + bytes(9))
    scan = part(0xDA, bytes(10)) + b"coded\xff\x00 and \xff\xd0 more"
    return b"\xff\xd8" + part(0xDB, bytes(65)) + b"".join(more) + frame + scan + behind + b"\xff\xd9"


def told(large: bytes, small: bytes) -> bytes:
    return json.dumps({"large": b64encode(large).decode(), "small": b64encode(small).decode()}).encode()


GOOD = MadePhoto(jpeg(512), jpeg(128))


def test_two_plain_pictures_are_believed() -> None:
    assert understood(told(GOOD.large, GOOD.small), b"", 0) == GOOD


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b"1",
        b"[" * 100_000,
        b'{"refused": "else"}',
        b'{"refused": "size", "width": "1", "height": 2}',
        b'{"refused": "size", "width": -1, "height": 2}',
        b'{"large": 1, "small": 2}',
        b'{"large": "not base64", "small": ""}',
        told(GOOD.small, GOOD.large),
        told(GOOD.large, b"<html>"),
        told(jpeg(512, part(0xE1, b"Exif\0\0" + GPS_TEXT)), GOOD.small),
        told(jpeg(512, part(0xFE, b"<script>alert(1)</script>")), GOOD.small),
        told(jpeg(512, part(0xE0, b"JFXX\0" + bytes(99))), GOOD.small),
        told(jpeg(512, behind=b"\xff\xd9<html>"), GOOD.small),
        told(jpeg(512, behind=part(0xE1, GPS_TEXT)), GOOD.small),
    ],
    ids=range(16),
)
def test_nothing_else_is(answer: bytes) -> None:
    with pytest.raises(Unreadable):
        understood(answer, b"", 0)


def test_a_refusal_names_the_size_that_was_found() -> None:
    with pytest.raises(PhotoSize) as found:
        understood(b'{"refused": "size", "width": 9, "height": 70000}', b"", 0)
    assert (found.value.width, found.value.height) == (9, 70_000)


@pytest.mark.parametrize(
    ("code", "expected"), [(-9, TooHeavy), (128 + 24, TooHeavy), (-11, Unreadable), (1, Outage), (127, Outage)]
)
def test_who_is_at_fault_when_the_child_ends(code: int, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        understood(b"", b"what it said", code)
    with pytest.raises(Undecodable):
        understood(b'{"refused": "damaged"}', b"", 0)


@pytest.mark.parametrize("number", [*range(11), 65_535])
def test_the_turn_is_what_exif_says_or_none(number: int) -> None:
    assert orientation(exif(number)) == (number if 1 <= number <= 8 else 1)


@pytest.mark.parametrize("told_so", [b"", b"II*\0", b"MM\0*\0\0\0\x08\xff\xff", b"else", exif(6)[:20]])
def test_broken_exif_says_nothing(told_so: bytes) -> None:
    assert orientation(told_so) == 1


def test_exif_of_either_byte_order() -> None:
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    assert orientation(b"MM\0*" + struct.pack(">IH", 8, 1) + entry) == 6


def test_a_header_ends_where_the_picture_does() -> None:
    for photo in (cmyk(), png(300, 200)):
        header = photo_header.read(with_exif(photo, 6) + b"<html>" + photo)
        assert (header.turn, header.end) == (6, len(with_exif(photo, 6)))


def test_every_shorter_file_is_cut_short() -> None:
    photo = cmyk()
    for length in range(3, len(photo)):
        with pytest.raises(PhotoCutShort):
            photo_header.read(photo[:length])
    with pytest.raises(NoPhoto):
        photo_header.read(photo[:2])


def test_a_webp_says_its_size_in_any_of_its_ways() -> None:
    lossy = b"VP8 " + struct.pack("<I", 10) + bytes(6) + struct.pack("<HH", 300 | 1 << 14, 200)
    lossless = b"VP8L" + struct.pack("<I", 5) + b"\x2f" + (299 | 199 << 14).to_bytes(4, "little") + b"\0"
    wide = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + (299).to_bytes(3, "little") + (199).to_bytes(3, "little")
    for body, moves in ((lossy, False), (lossless, False), (wide, True)):
        header = photo_header.read(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body)
        assert (header.width, header.height, header.moves) == (300, 200, moves)
    with pytest.raises(NoPhoto):
        photo_header.read(b"RIFF" + struct.pack("<I", 4) + b"WEBP")


def test_a_jpeg_without_a_frame_is_no_photo() -> None:
    with pytest.raises(NoPhoto):
        photo_header.read(b"\xff\xd8\xff\xff\x01\xd9\xff\xd9")


def test_a_picture_of_another_size_is_not_plain() -> None:
    assert is_plain(jpeg(128), 128)
    assert not is_plain(jpeg(128), 127)
    assert not is_plain(b"\xff\xd8\xff\xd9", 128)


def test_pictures_of_each_format_are_cut_short() -> None:
    frame, scan = b"\xff\xc0\0\x0b\x08\0\xc8\x01\x2c\x01\x01\x11\0", b"\xff\xda\0\x08\x01\x01\0\0\x3f\0"
    body = b"VP8 " + struct.pack("<I", 10) + bytes(6) + struct.pack("<HH", 300, 200)
    webp = b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
    for cut in (b"\xff\xd8" + frame + scan + b"\1\2\3", png(300, 200)[:-4], webp[:-1]):
        with pytest.raises(PhotoCutShort):
            photo_header.read(cut)


def test_a_webp_says_how_it_is_turned() -> None:
    body = b"VP8 " + struct.pack("<I", 10) + bytes(6) + struct.pack("<HH", 300, 200)
    body += b"EXIF" + struct.pack("<I", len(exif(6))) + exif(6)
    assert photo_header.read(b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body).turn == 6


def test_exif_that_does_not_speak_of_a_turn_says_nothing() -> None:
    entry = struct.pack(">HHIHH", 0x010F, 3, 1, 6, 0)
    assert orientation(b"MM\0*" + struct.pack(">IH", 8, 1) + entry) == 1
