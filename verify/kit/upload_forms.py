"""Clips of any size, and the multipart form that a browser sends them in."""

from verify.kit.boxes import HEADER, box

BOUNDARY = "anb-verify-boundary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
END = f"--{BOUNDARY}--\r\n".encode()
TAIL = b"\r\n" + END  # behind the clip


def pad(clip: bytes, size: int) -> bytes:
    """Return an MP4 of `size` bytes: the clip, and a box at its end that every player skips.

    Raises ValueError if the clip is too large for that.
    """
    missing = size - len(clip)
    if missing < HEADER:
        raise ValueError(f"the clip has {len(clip)} bytes already")
    return clip + box(b"free", bytes(missing - HEADER))


def head(title: str, name: str = "clip.mp4") -> bytes:
    """Return the part of a form before the clip."""
    return field("title", title.encode()) + opening("video_file", name, "video/mp4")


def field(name: str, content: bytes, file_name: str | None = None) -> bytes:
    """Return a whole field."""
    return opening(name, file_name) + content + b"\r\n"


def opening(name: str, file_name: str | None = None, kind: str | None = None) -> bytes:
    """Return a field up to its content, which may then arrive in pieces or not at all."""
    file = f'; filename="{file_name}"' if file_name else ""
    content_type = f"Content-Type: {kind}\r\n" if kind else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{content_type}\r\n'.encode()


def form(clip: bytes, title: str) -> bytes:
    """Return the body of an upload."""
    return head(title) + clip + TAIL
