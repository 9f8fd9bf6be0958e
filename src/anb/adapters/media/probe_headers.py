"""Read the headers in a keyframe, so that a change of the picture's form in mid-stream is found cheaply.

A change needs a keyframe with other headers. They are compared as bytes, and a picture is decoded only where they
differ, so clips that never change cost nothing.
"""

import re

H264_SPS, HEVC_SPS, AV1_SEQUENCE = 7, 33, 1
H264_PICTURES, HEVC_PICTURES = range(1, 6), range(32)
HEADER_BYTES = 4096  # of Annex B, that are searched
# Sync code, colours and size. The flags that follow in VP9 may differ without a change that matters here.
VP8_HEADER, VP9_HEADER = slice(3, 10), slice(1, 10)
START_CODE = re.compile(rb"\x00\x00\x01")


def lengths(codec: str, configuration: bytes) -> int:
    """Return how many bytes hold a NAL unit's length; 0 where start codes separate the units (Annex B)."""
    place = {"h264": 4, "hevc": 21}.get(codec, 0)
    if not place or len(configuration) <= place or configuration[0] != 1:
        return 0
    return (configuration[place] & 3) + 1


def signature(codec: str, data: bytes, size: int) -> bytes:
    """Return the bytes of a keyframe that describe its pictures; empty where it has none."""
    if codec == "vp8":
        return data[VP8_HEADER]
    if codec == "vp9":
        return data[VP9_HEADER]
    if codec == "av1":
        return _sequence(data)
    wanted = H264_SPS if codec == "h264" else HEVC_SPS
    return b"".join(unit for unit in _units(data, size) if _kind(codec, unit) == wanted)


def holds_picture(codec: str, data: bytes, size: int) -> bool:
    """Say whether a sample holds any part of a picture; some hold only SEI messages and delimiters."""
    if codec not in {"h264", "hevc"}:
        return True
    pictures = H264_PICTURES if codec == "h264" else HEVC_PICTURES
    return any(_kind(codec, unit) in pictures for unit in _units(data, size))


def _kind(codec: str, unit: bytes) -> int:
    return unit[0] & 31 if codec == "h264" else unit[0] >> 1 & 63


def _units(data: bytes, size: int) -> list[bytes]:
    if not size:
        return [unit for unit in START_CODE.split(data[:HEADER_BYTES])[1:] if unit]
    units, place = [], 0
    while place + size < len(data):
        length = int.from_bytes(data[place : place + size], "big")
        place += size
        if length:
            units.append(data[place : place + length])
        place += length
    return units


def _sequence(data: bytes) -> bytes:
    """Return the sequence header among the first units of AV1, which is repeated whenever it changes."""
    place = 0
    while place < min(len(data), HEADER_BYTES):
        head = data[place]
        place += 2 if head & 4 else 1
        size = shift = 0
        while head & 2 and place < len(data):
            part = data[place]
            size, shift, place = size | (part & 127) << shift, shift + 7, place + 1
            if not part & 128:
                break
        if head >> 3 & 15 == AV1_SEQUENCE:
            return data[place : place + size]
        place += size
    return b""
