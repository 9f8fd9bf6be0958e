"""Photos as strangers send them: drawn by FFmpeg, with what phones write around them, whole and broken."""

import struct
import zlib
from pathlib import Path

from support.clips import ffmpeg

GPS_TEXT = b"4.6097,-74.0817 Calle 10"
CORNERS = ("red", "lime", "blue", "yellow")  # top left, top right, bottom left, bottom right
ORIENTATION, DESCRIPTION, GPS_PLACE = 0x0112, 0x010E, 0x8825
SHORT, TEXT, LONG = 3, 2, 4


def drawn(path: Path, width: int = 640, height: int = 480, *options: str) -> bytes:
    """Draw a photo of four colours, in the format that its name says; return its bytes."""
    one = "color={}:s=" + f"{width // 2}x{height // 2}"
    graph = ";".join(f"{one.format(colour)}[{colour}]" for colour in CORNERS)
    graph += ";[red][lime]hstack[top];[blue][yellow]hstack[bottom];[top][bottom]vstack,format=rgb24"
    ffmpeg("-filter_complex", graph, "-frames:v", "1", "-update", "1", *options, str(path))
    return path.read_bytes()


def exif(turn: int) -> bytes:
    """Return EXIF as phones write it: how the picture is turned, and where it was taken."""
    begin = 8 + 2 + 3 * 12 + 4
    entries = [
        struct.pack("<HHII", DESCRIPTION, TEXT, len(GPS_TEXT), begin),
        struct.pack("<HHIHH", ORIENTATION, SHORT, 1, turn, 0),
        struct.pack("<HHII", GPS_PLACE, LONG, 1, begin + len(GPS_TEXT)),
    ]
    gps = struct.pack("<H", 1) + struct.pack("<HHI4s", 1, TEXT, 2, b"N\0\0\0") + bytes(4)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + b"".join(entries) + bytes(4) + GPS_TEXT + gps


def with_exif(photo: bytes, turn: int) -> bytes:
    """Write EXIF into a photo of any of our kinds."""
    told = exif(turn)
    if photo.startswith(b"\xff\xd8"):
        body = b"Exif\0\0" + told
        return photo[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body + photo[2:]
    if photo.startswith(b"\x89PNG"):
        return photo[:33] + chunk(b"eXIf", told) + photo[33:]
    told += bytes(len(told) % 2)
    width, height = (number & 0x3FFF for number in struct.unpack_from("<HH", photo, 26))
    size = b"".join((side - 1).to_bytes(3, "little") for side in (width, height))
    body = b"VP8X" + struct.pack("<II", 10, 0x08) + size + photo[12:] + b"EXIF" + struct.pack("<I", len(told)) + told
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """Return a PNG of that size, grey with eight bits; without data, its rows are missing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(data)) if data else chunk(b"IDAT", zlib.compress(bytes(9)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


def cmyk() -> bytes:
    """Return a JPEG of 128 by 128 pixels of one colour in CMYK, as print shops make them (Adobe, inverted): red."""
    quantities = b"\xff\xdb\x00\x43\x00" + bytes([8]) + bytes([1] * 63)  # the first step is 8: an amount is one of 256
    parts = b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3, 4))
    frame = b"\xff\xc0\x00\x14\x08" + struct.pack(">HH", 128, 128) + b"\x04" + parts
    # One code of one bit for “eight bits follow”, and one for “nothing”; the other amounts of a block: “all zero”.
    first = b"\xff\xc4\x00\x15\x00" + bytes([0, 2, *[0] * 14]) + bytes([0, 7])
    others = b"\xff\xc4\x00\x14\x10" + bytes([1, *[0] * 15]) + bytes([0])
    scan = b"\xff\xda\x00\x0e\x04" + b"".join(bytes([number, 0x00]) for number in (1, 2, 3, 4)) + b"\x00\x3f\x00"
    bits = ""
    for block in range(16 * 16):
        for level in (127, -127, -127, 127):  # inverted: no cyan, all magenta, all yellow, no black
            if block:
                bits += "00" + "0"  # the same as before
            else:
                bits += "01" + f"{level if level > 0 else level + 127:07b}" + "0"
    bits += "1" * (-len(bits) % 8)
    coded = b"".join(int(bits[at : at + 8], 2).to_bytes(1) for at in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
    adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
    return b"\xff\xd8" + adobe + quantities + frame + first + others + scan + coded + b"\xff\xd9"
