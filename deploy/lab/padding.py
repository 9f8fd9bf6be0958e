"""Clips of a size that was asked for, and the body of a form, so that an upload can be sent as slowly as one wants."""

import struct

BOUNDARY = "anb-lab-boundary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
HEADER = 8  # bytes of an MP4 box before what it holds


def pad(clip: bytes, size: int) -> bytes:
    """Return the MP4 with a box of nothing at its end, so many bytes in all."""
    missing = size - len(clip)
    if missing < HEADER:
        raise ValueError(f"the clip has {len(clip)} bytes already")
    return clip + struct.pack(">I4s", missing, b"free") + bytes(missing - HEADER)


def multipart(clip: bytes, title: str) -> bytes:
    """Return an upload's form as a browser sends it."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="title"\r\n\r\n{title}\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="video_file"; filename="clip.mp4"\r\n'
        "Content-Type: video/mp4\r\n\r\n"
    )
    return head.encode() + clip + f"\r\n--{BOUNDARY}--\r\n".encode()
