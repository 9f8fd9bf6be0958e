"""Ask one of our own processes on this machine, over its unix socket and without nginx."""

import http.client
import socket
from pathlib import Path


def get(place: Path, path: str, seconds: float) -> tuple[int, str]:
    """Return status and body; each step may take `seconds`. Raises OSError, HTTPException."""
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(seconds)
        wire.connect(str(place))
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        with http.client.HTTPResponse(wire) as answer:  # keeps the socket open until it is closed itself
            answer.begin()
            return answer.status, answer.read().decode(errors="replace")
