"""When the platform under test counts as up: each process serves, including those that only nginx asks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import UnixStreamServer
from types import SimpleNamespace

import psutil
import pytest
from verify.kit.platform import PARTS, ChaosPlatform

ONE_CHILD = 1


class Well(BaseHTTPRequestHandler):
    """Answers each request with 200."""

    STATUS = 200

    def do_GET(self) -> None:
        self.send_response(self.STATUS)
        self.end_headers()

    def address_string(self) -> str:
        return "test"

    def log_message(self, *_: object) -> None:
        """Log nothing."""


class Starting(Well):
    """Exists, but does not serve yet."""

    STATUS = 503


@contextmanager
def serving(server: HTTPServer | UnixStreamServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChaosPlatform]:
    """Return a platform whose parts all exist, and whose web application is ready."""
    sockets = [f"ANB_{name}_SOCKET={tmp_path / name.lower()}" for name in ("UPLOAD", "STREAM")]
    (tmp_path / "anb.env").write_text("\n".join(sockets), encoding="utf-8")
    parent = SimpleNamespace(children=lambda: [psutil.Process()] * ONE_CHILD)
    monkeypatch.setattr(ChaosPlatform, "main", lambda _self, part: dict.fromkeys(PARTS, parent)[part])
    web = HTTPServer(("127.0.0.1", 0), Well)
    with serving(web):
        yield ChaosPlatform(tmp_path, web.server_port, {})


def test_it_is_up_when_every_process_answers(site: ChaosPlatform) -> None:
    upload, stream = (UnixStreamServer(str(site.folder / name), Well) for name in ("upload", "stream"))
    with serving(upload), serving(stream):
        assert site.is_up(ONE_CHILD)


@pytest.mark.parametrize("late", ["upload", "stream"])
def test_it_is_not_while_a_process_of_uploads_or_streams_is_still_starting(site: ChaosPlatform, late: str) -> None:
    upload, stream = (
        UnixStreamServer(str(site.folder / name), Starting if name == late else Well) for name in ("upload", "stream")
    )
    with serving(upload), serving(stream):
        assert not site.is_up(ONE_CHILD)
