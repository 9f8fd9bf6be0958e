"""Clients that vanish: in the headers, in the middle of the body, after the last byte and before the answer."""

import hashlib
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count

from chaos import clips
from chaos.clients import Person
from chaos.faults.fault import Fault
from chaos.ground import Ground

BOUNDARY = "chaos-chaos-chaos"
CODES = count(15 << 12)  # numbers of clips that no uploader draws


def _upload_cut(after: Callable[[int, int], int]) -> Callable[[Ground], AbstractContextManager[None]]:
    """Send an upload as far as a byte (given its head's length and its whole length), then hang up."""

    @contextmanager
    def strike(ground: Ground) -> Iterator[None]:
        person = Person(ground.site.url, ground.journal)
        code = next(CODES)
        clip = clips.draw(code)
        ground.journal.write("sending", code=code, sha256=hashlib.sha256(clip).hexdigest(), email=person.email)
        head, body = _request(person, clip)
        _send(ground.site.port, (head + body)[: after(len(head), len(head) + len(body))])
        yield

    return strike


@contextmanager
def _vote_cut(ground: Ground) -> Iterator[None]:
    """Vote and hang up before the answer; then vote again, as a browser would."""
    person = Person(ground.site.url, ground.journal)
    video = ground.find("public video", lambda: ground.site.query(PUBLIC))[0][0]
    ground.journal.write("voting", email=person.email, video=str(video))
    path, token = f"/api/public/videos/{video}/vote", person.http.headers["Authorization"]
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: {token}", "Content-Length: 0", "", ""]
    _send(ground.site.port, "\r\n".join(lines).encode())
    person.vote(str(video))
    yield


PUBLIC = "SELECT id FROM videos WHERE published_at IS NOT NULL ORDER BY random() LIMIT 1"


def _request(person: Person, clip: bytes) -> tuple[bytes, bytes]:
    body = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="title"\r\n\r\nCut\r\n'
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="video_file"; filename="cut.mp4"\r\n'
        "Content-Type: video/mp4\r\n\r\n"
    ).encode()
    body += clip + f"\r\n--{BOUNDARY}--\r\n".encode()
    lines = [
        "POST /api/videos/upload HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: {person.http.headers['Authorization']}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
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
