"""A client that sends 60 MB of noise is refused before it has all arrived, through nginx, at both upload endpoints."""

import socket
from urllib.parse import urlsplit

import pytest
from verify.kit import upload_forms

from anb.settings import MIB
from support.site import Person, Site

WHOLE = 60 * MIB
CHUNK = b"noise!!!" * 8192
TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": str(WHOLE), "Upload-Metadata": "title VHJpcGxl"}
FORM = upload_forms.opening("video_file", "a.mp4")


def send(site: Site, player: Person, head: str, begin: bytes) -> tuple[int, bytes]:
    """Send noise until an answer arrives; return the number of bytes sent, and the answer."""
    address, sent = urlsplit(site.url), 0
    with socket.create_connection((address.hostname or "", address.port or 80), timeout=30) as wire:
        word = player.client.headers["Authorization"]
        wire.sendall(f"{head}\r\nHost: {address.netloc}\r\nAuthorization: {word}\r\n".encode())
        wire.sendall(f"Content-Length: {WHOLE}\r\n\r\n".encode() + begin)
        while sent < WHOLE - len(begin) - len(CHUNK):
            wire.sendall(CHUNK)
            sent += len(CHUNK)
            wire.settimeout(0.05)
            try:
                return sent, wire.recv(65536)
            except TimeoutError:
                wire.settimeout(30)
    return sent, b""


@pytest.mark.parametrize("door", ["form", "chunk", "creation"])
def test_noise_is_answered_before_it_has_come(site: Site, door: str) -> None:
    player = site.player()
    chunk = "Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream"
    named = "\r\n".join(f"{name}: {value}" for name, value in TUS.items() if name != "Tus-Resumable")
    heads = {
        "form": f"POST /api/videos/upload HTTP/1.1\r\nContent-Type: {upload_forms.CONTENT_TYPE}",
        "creation": f"POST /api/uploads HTTP/1.1\r\n{chunk}\r\n{named}",
    }
    if door == "chunk":
        path = urlsplit(player.client.post("/api/uploads", headers=TUS).headers["location"]).path
        heads["chunk"] = f"PATCH {path} HTTP/1.1\r\n{chunk}\r\nUpload-Offset: 0"
    sent, answer = send(site, player, heads[door], FORM if door == "form" else b"")
    assert answer.startswith(b"HTTP/1.1 400"), answer[:200]
    assert b"not-a-video" in answer
    assert sent < WHOLE // 4
