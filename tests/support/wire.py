"""A connection by hand: sends a chunk of an upload as slowly as a test likes, and returns the answer."""

import socket
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from support.site import Person, Site
from support.waiting import let_time_pass

Drops = Iterable[tuple[bytes, float]]  # bytes, and the seconds of silence after them


def open_chunk(site: Site, player: Person, path: str, offset: int, length: int) -> socket.socket:
    """Send the head of a chunk, without its body."""
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(offset),
        "Authorization": player.client.headers["Authorization"],
        "Content-Type": "application/offset+octet-stream",
    }
    return open_request(site, "PATCH", path, headers, length)


def open_request(site: Site, method: str, path: str, headers: Mapping[str, str], length: int) -> socket.socket:
    """Send the head of a request, without its body."""
    address = urlsplit(site.url)
    wire = socket.create_connection((address.hostname or "", address.port or 80), timeout=60)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {address.netloc}", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    wire.sendall("\r\n".join([*lines, "", ""]).encode())
    return wire


def drip(wire: socket.socket, drops: Drops) -> None:
    """Send a body drop by drop."""
    for drop, silence in drops:
        wire.sendall(drop)
        if silence:
            let_time_pass(silence, "a slow or stalled connection is what is tested")


def throttled(body: bytes, rate: int) -> Drops:
    """Cut a body into the bytes that a line of this rate, in bytes a second, brings in each twentieth of a second."""
    step = max(1, rate // 20)
    return [(body[place : place + step], 0.05) for place in range(0, len(body), step)]


def status_of(wire: socket.socket) -> int:
    """Wait for an answer and return its status."""
    said = wire.recv(65536).decode()
    assert said, "cut without an answer"
    return int(said.split()[1])
