"""A web application of a few lines on a unix socket, and nginx in front of it, for what nginx itself must do."""

import itertools
import json
import os
import shutil
import signal
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import pytest
from verify.kit.ports import free_port

from anb.engines import binaries, nginx
from anb.local import sockets
from anb.local.supervisor import child
from anb.settings import MIB
from support.waiting import until

LIMIT = 2 * MIB
FRESH = httpx.Limits(max_keepalive_connections=0)
PORTS_TRIED = 3
MARK = "/mark-of-the-log-"
# Each nginx on this machine. ANB_TEST_NGINX names more, separated by colons: for example Debian's, unpacked by
# `dpkg -x`.
NAMED = [word for word in os.environ.get("ANB_TEST_NGINX", "").split(":") if word]
PROGRAMS = [*NAMED, *filter(None, [shutil.which("nginx")]), str(binaries.nginx())]


def address_in_a_network() -> str:
    """Return an address of this machine other than loopback, which upload limits exempt. Nothing is sent."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
        except OSError:
            pytest.skip("this machine has no network, and so no address but loopback's")
        return str(probe.getsockname()[0])


@dataclass
class Upstream:
    """What the application received, and what a test makes it do."""

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
                               "Content-Type": "video/mp4", "Content-Disposition": "inline",
                               "X-File-Cache-Control": "public, max-age=300",
                               "Cross-Origin-Resource-Policy": "cross-origin"})  # fmt: skip
        elif self.path.endswith("/events"):
            self._stream()
        elif self.path.startswith("/api/public/"):
            if "slow" in self.path:
                self.server.seen.go_on.wait(5)
            caching = "public, max-age=1, stale-while-revalidate=5"
            headers = {"Cache-Control": caching, "Content-Type": "application/json"}
            much = b" " * 4096 if "long" in self.path else b""
            self._answer(str(next(self.server.seen.numbers)).encode() + much, headers)
        elif self.path.startswith("/fragments/"):
            kept = "private, no-store" if "cookie" in self.headers else "public, max-age=5"
            headers = {"Cache-Control": kept, "Vary": "Accept-Language, Cookie", "Content-Type": "text/html"}
            self._answer(str(next(self.server.seen.numbers)).encode(), headers)
        elif self.path in {"/page", "/api/openapi.json"}:
            self._answer(
                b"<p>x</p>" * 500, {"Content-Type": "text/html" if self.path == "/page" else "application/json"}
            )
        elif self.path == "/refused":
            self._answer(b'{"code":"of the application"}', {"Content-Type": "application/problem+json"}, 404)
        elif self.path == "/bye":
            self._answer(b"", {"Connection": "close"})
        elif self.path.startswith("/die"):
            self.close_connection = True
        else:
            self._answer(json.dumps(dict(self.headers)).encode(), {"Content-Type": "application/json"})

    def do_POST(self) -> None:
        self._note()
        if "x-early" in self.headers:
            # Without `Connection`, nginx may send the next request here if it had sent this whole one.
            headers = {"Content-Type": "application/problem+json", "Connection": "close"}
            self._answer(b'{"code":"not-signed-in"}', headers, 401)
            self.close_connection = True
            with suppress(OSError):  # closing with an unread body would lose the answer
                while self.connection.recv(64 * 1024):
                    pass
            return
        length, begun = int(self.headers.get("content-length", "0")), len(self.rfile.read(1))
        self.server.seen.go_on.set()  # the body is on its way, and its beginning has arrived
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
        """Log nothing."""


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128  # at five, nginx answers 502 to simultaneous requests

    def __init__(self, seen: Upstream) -> None:
        self.seen = seen
        super().__init__(str(seen.socket), _Handler)

    def handle_error(self, *_: Any) -> None:
        """Print no error: clients of these tests vanish on purpose."""


@dataclass(frozen=True)
class Front:
    """nginx, its application, and its paths."""

    client: httpx.Client
    upstream: Upstream
    port: int
    media: Path
    folder: Path

    def access_log(self) -> list[dict[str, Any]]:
        """Return the lines of each request that has ended; nginx writes them once a second, in their order."""
        path, mark = self.folder / "logs" / "access.log", f"{MARK}{uuid4().hex}"
        self.client.get(mark)
        written = until(lambda: [text for text in [path.read_text(encoding="utf-8")] if mark in text], 10)
        lines = [json.loads(line) for line in written[0].splitlines()]
        return [line for line in lines if not line["path"].startswith(MARK)]


@contextmanager
def front(folder: Path, program: str | None = None, **changes: Any) -> Iterator[Front]:
    """Run nginx, the usual or another one, before the application in a folder; `changes` are of its Site."""
    for name in ("run", "logs", "media", "nginx"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    upstream = Upstream(sockets.folder(folder) / "web.sock")
    server = _Server(upstream)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        with (
            _nginx(folder, upstream, program, changes) as port,
            # nginx hangs up after some refusals: a connection that is used again would be reset now and then.
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10, limits=FRESH) as client,
        ):
            yield Front(client, upstream, port, folder / "media", folder)
    finally:
        server.shutdown()
        server.server_close()
        sockets.leave(folder)


@contextmanager
def _nginx(folder: Path, upstream: Upstream, program: str | None, changes: dict[str, Any]) -> Iterator[int]:
    """Run nginx; on another port if some other program took the free one first."""
    for _ in range(PORTS_TRIED):
        port, runtime, log = free_port(), folder / "nginx", folder / "logs" / "nginx.log"
        site = nginx.NginxSite(
            (f"127.0.0.1:{port}",), f"unix:{upstream.socket}", folder / "media", runtime, folder / "logs", LIMIT,
            nginx.user(), 1, streams=f"unix:{upstream.socket}", streams_by_address=2,
        )  # fmt: skip
        nginx.write(folder / "nginx.conf", replace(site, **changes))
        command = nginx.command(folder / "nginx.conf", runtime)
        command[0] = program or command[0]
        process = child.spawn(command, log=log, folder=runtime, environment={})
        try:
            until(partial(_is_settled, process, upstream, port), told=partial(child.last_words, log))
            if process.poll() is None:
                yield port
                return
        finally:
            child.end(process, signal.SIGTERM, patience=2)
    raise AssertionError(child.last_words(log))


def _is_settled(process: subprocess.Popen[bytes], upstream: Upstream, port: int) -> bool:
    """Say whether nginx has ended, or a request has come through it: an answer alone may be another program's."""
    mark = f"/echo?{uuid4().hex}"
    with suppress(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{port}{mark}", timeout=10)
    return mark in upstream.asked or process.poll() is not None
