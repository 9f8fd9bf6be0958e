"""Clients that vanish: in the headers, in the middle of the body, and after the last byte before the answer."""

import hashlib
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count

from verify.chaos.clients import ChaosClient
from verify.chaos.fault_context import FaultContext
from verify.chaos.faults.fault import Fault
from verify.kit import numbered_clips, upload_forms

CODES = count(15 << 12)  # numbers of clips that no uploader uses


def _upload_cut(after: Callable[[int, int], int]) -> Callable[[FaultContext], AbstractContextManager[None]]:
    """Send an upload up to a byte (chosen by the lengths of its head and of the whole), then hang up."""

    @contextmanager
    def strike(context: FaultContext) -> Iterator[None]:
        person = ChaosClient(context.site.url, context.journal)
        code = next(CODES)
        clip = numbered_clips.draw(code)
        context.journal.write("sending", code=code, sha256=hashlib.sha256(clip).hexdigest(), email=person.email)
        head, body = _request(person, clip)
        _send(context.site.port, (head + body)[: after(len(head), len(head) + len(body))])
        yield

    return strike


@contextmanager
def _vote_cut(context: FaultContext) -> Iterator[None]:
    """Vote and hang up before the answer, then vote again, as a browser would."""
    person = ChaosClient(context.site.url, context.journal)
    video = context.find("public video", lambda: context.site.query(PUBLIC))[0][0]
    context.journal.write("voting", email=person.email, video=str(video))
    path, token = f"/api/public/videos/{video}/vote", person.http.headers["Authorization"]
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: {token}", "Content-Length: 0", "", ""]
    _send(context.site.port, "\r\n".join(lines).encode())
    person.vote(str(video))
    yield


PUBLIC = "SELECT id FROM videos WHERE published_at IS NOT NULL ORDER BY random() LIMIT 1"


def _request(person: ChaosClient, clip: bytes) -> tuple[bytes, bytes]:
    body = upload_forms.form(clip, "Cut")
    lines = [
        "POST /api/videos/upload HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: {person.http.headers['Authorization']}",
        f"Content-Type: {upload_forms.CONTENT_TYPE}",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode(), body


def _send(port: int, request: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
        wire.sendall(request)


FAULTS = (
    Fault("client cut in its headers", _upload_cut(lambda head, _whole: head // 2)),
    Fault("client cut in mid-body", _upload_cut(lambda head, whole: (head + whole) // 2)),
    Fault("client cut after its last byte", _upload_cut(lambda _head, whole: whole)),
    Fault("voter cut before the answer", _vote_cut),
)
