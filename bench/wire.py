"""A client that costs next to nothing: what is measured is the server."""

import json
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

BOUNDARY = "bench-boundary-bench-boundary"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"
PATIENCE = 300  # seconds


@dataclass(frozen=True)
class Form:
    """The body of an upload: the clip between the lines of a form. The kernel sends the clip from its file."""

    clip: Path

    @property
    def head(self) -> bytes:
        """Return what stands before the clip."""
        return (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="title"\r\n\r\nBench\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="video_file"; filename="bench.mp4"\r\n'
            "Content-Type: video/mp4\r\n\r\n"
        ).encode()

    @property
    def tail(self) -> bytes:
        """Return what stands behind it."""
        return f"\r\n--{BOUNDARY}--\r\n".encode()

    @property
    def size(self) -> int:
        """Return the bytes of the whole body."""
        return len(self.head) + self.clip.stat().st_size + len(self.tail)


def upload(port: int, path: str, form: Form, token: str = "") -> dict[str, Any]:
    """Send a form; return the JSON that answers it. Raises RuntimeError for whatever is not 2xx."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as wire, form.clip.open("rb") as clip:
        wire.putrequest("POST", path)
        for name, value in {"Content-Type": TYPE, "Content-Length": form.size, **_bearer(token)}.items():
            wire.putheader(name, str(value))
        wire.endheaders(form.head)
        wire.sock.sendfile(clip)
        wire.send(form.tail)
        answer = wire.getresponse()
        said = answer.read()
    if not 200 <= answer.status < 300:
        raise RuntimeError(f"{path} answered {answer.status}: {said.decode(errors='replace')}")
    content: dict[str, Any] = json.loads(said)
    return content


def download(port: int, path: str, token: str = "") -> int:
    """Fetch a file into one buffer again and again; return its bytes. Raises RuntimeError for whatever is not 200."""
    buffer, size = bytearray(1024 * 1024), 0
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as wire:
        wire.request("GET", path, headers=_bearer(token))
        answer = wire.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        while got := answer.readinto(buffer):
            size += got
    return size


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
