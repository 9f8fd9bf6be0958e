"""A web application of a few lines on a unix socket, and nginx in front of it, for what nginx itself must do."""

import itertools
import json
import signal
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx2 as httpx

from anb.stack import child, nginx, sockets

MIB = 1024 * 1024
LIMIT = 2 * MIB


def free_port() -> int:
    """Return a port nobody has right now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Upstream:
    """What the application saw, and what a test makes it do."""

    socket: Path
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    numbers: Iterator[int] = field(default_factory=itertools.count)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        self._note()
        if self.path.startswith("/file/"):
            self._answer(b"", {"X-Accel-Redirect": "/_media/" + self.path.removeprefix("/file/"),
                               "Content-Type": "video/mp4", "Content-Disposition": "inline"})  # fmt: skip
        elif self.path.startswith("/api/public/"):
            if "slow" in self.path:
                self.server.seen.go_on.wait(5)
            caching = "public, max-age=1, stale-while-revalidate=5"
            headers = {"Cache-Control": caching, "Content-Type": "application/json"}
            self._answer(str(next(self.server.seen.numbers)).encode(), headers)
        elif self.path == "/refused":
            self._answer(b'{"code":"of the application"}', {"Content-Type": "application/problem+json"}, 404)
        elif self.path == "/bye":
            self._answer(b"", {"Connection": "close"})
        elif self.path == "/events":
            self._stream()
        else:
            self._answer(json.dumps(dict(self.headers)).encode(), {"Content-Type": "application/json"})

    def do_POST(self) -> None:
        self._note()
        if "x-early" in self.headers:
            # Without the second, nginx may send the next request here if it had sent all of this one.
            headers = {"Content-Type": "application/problem+json", "Connection": "close"}
            self._answer(b'{"code":"not-signed-in"}', headers, 401)
            self.close_connection = True
            with suppress(OSError):  # to close on a body unread would take the answer along
                while self.connection.recv(64 * 1024):
                    pass
            return
        length, begun = int(self.headers.get("content-length", "0")), len(self.rfile.read(1))
        self.server.seen.go_on.set()  # the body is on its way, and we have seen its beginning
        while (begun < length or not length) and (chunk := self.rfile.read1(64 * 1024)):
            begun += len(chunk)
        self._answer(str(begun).encode())

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("X-Accel-Buffering", "no")
        self.end_headers()
        self.wfile.write(b"data: 1\n\n")
        self.server.seen.go_on.wait(5)
        self.wfile.write(b"data: 2\n\n")
        self.close_connection = True

    def _note(self) -> None:
        self.server.seen.asked.append(self.path)
        self.server.seen.headers.append({name.lower(): value for name, value in self.headers.items()})

    def _answer(self, body: bytes, headers: dict[str, str] | None = None, status: int = 200) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, seen: Upstream) -> None:
        self.seen = seen
        super().__init__(str(seen.socket), _Handler)

    def handle_error(self, *_: Any) -> None:
        """Keep quiet: clients of these tests vanish on purpose."""


@dataclass(frozen=True)
class Front:
    """nginx, what is behind it, and where it lies."""

    client: httpx.Client
    upstream: Upstream
    port: int
    media: Path
    folder: Path

    def access_log(self) -> list[dict[str, Any]]:
        time.sleep(1.2)  # nginx writes it once a second
        lines = (self.folder / "logs" / "access.log").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


@contextmanager
def front(folder: Path) -> Iterator[Front]:
    """Run nginx before the application in a folder."""
    for name in ("run", "logs", "media", "nginx"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    upstream = Upstream(sockets.folder(folder) / "web.sock")
    server = _Server(upstream)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    port, runtime = free_port(), folder / "nginx"
    site = nginx.Site(
        (f"127.0.0.1:{port}",), f"unix:{upstream.socket}", folder / "media", runtime, folder / "logs", LIMIT,
        nginx.user(), 1,
    )  # fmt: skip
    nginx.write(folder / "nginx.conf", site)
    command = nginx.command(folder / "nginx.conf", runtime)
    process = child.spawn(command, log=folder / "logs" / "nginx.log", folder=runtime, environment={})
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        try:
            _wait(client, folder / "logs" / "nginx.log")
            yield Front(client, upstream, port, folder / "media", folder)
        finally:
            child.end(process, signal.SIGTERM, patience=2)
            server.shutdown()
            server.server_close()
            sockets.leave(folder)


def _wait(client: httpx.Client, log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            client.get("/echo")
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(child.last_words(log))
