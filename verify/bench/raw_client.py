"""A client with next to no cost of its own, so that the server is measured."""

import json
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from anb.settings import MIB
from verify.kit import upload_forms

START = b"\0\0\0\x18ftypmp42"  # of an MP4; an upload with another start is refused at once
PATIENCE = 300  # seconds


@dataclass(frozen=True)
class Form:
    """The body of an upload: a form with the clip, which the kernel sends from its file."""

    clip: Path

    @property
    def head(self) -> bytes:
        """Return the part of the form before the clip."""
        return upload_forms.head("Bench")

    @property
    def tail(self) -> bytes:
        """Return the part of the form after the clip."""
        return upload_forms.TAIL

    @property
    def size(self) -> int:
        """Return the size of the whole body in bytes."""
        return len(self.head) + self.clip.stat().st_size + len(self.tail)


def upload(port: int, path: str, form: Form, token: str = "") -> dict[str, Any]:
    """Send a form. Return the JSON of the answer. Raises RuntimeError unless it is 2xx."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as wire, form.clip.open("rb") as clip:
        wire.putrequest("POST", path)
        for name, value in {
            "Content-Type": upload_forms.CONTENT_TYPE,
            "Content-Length": form.size,
            **_bearer(token),
        }.items():
            wire.putheader(name, str(value))
        wire.endheaders(form.head)
        wire.sock.sendfile(clip)
        wire.send(form.tail)
        answer = wire.getresponse()
        payload = answer.read()
    if not 200 <= answer.status < 300:
        raise RuntimeError(f"{path} answered {answer.status}: {payload.decode(errors='replace')}")
    content: dict[str, Any] = json.loads(payload)
    return content


def download(port: int, path: str, token: str = "") -> int:
    """Fetch a file into one reused buffer. Return its size in bytes. Raises RuntimeError unless the answer is 200."""
    buffer, size = bytearray(MIB), 0
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
