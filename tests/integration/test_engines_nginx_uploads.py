"""nginx keeps uploads from taking the connections that other requests need."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from support.stack_upstream import Front, address_in_a_network, front

MOST = 3


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with front(Path(tmp_path_factory.mktemp("nginx uploads")), uploads_of_all=MOST) as running:
        yield running


def begin(site: Front, path: str, source: str = "127.0.0.1") -> socket.socket:
    """Send the head of an upload and its first byte, from an address of this machine."""
    wire = socket.create_connection(("127.0.0.1", site.port), timeout=10, source_address=(source, 0))
    wire.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx".encode())
    return wire


def test_of_too_many_uploads_the_next_is_told_and_all_else_goes_on(site: Front) -> None:
    with ExitStack() as held:
        for path in ("/api/videos/upload", "/api/uploads", "/upload"):
            site.upstream.go_on.clear()
            held.enter_context(closing(begin(site, path)))
            assert site.upstream.go_on.wait(5)
        with closing(begin(site, "/api/uploads")) as one_more:
            said = one_more.recv(65536).decode()
        assert said.startswith("HTTP/1.1 429")
        assert "application/problem+json" in said
        assert "Retry-After" in said
        assert site.client.get("/echo").status_code == 200
        assert site.client.get("/upload").status_code == 200  # the form is a page
    assert site.client.post("/api/uploads", content=b"x").status_code == 200


def test_an_address_that_uploads_too_much_at_once_is_told_and_others_go_on(tmp_path: Path) -> None:
    peer = address_in_a_network()
    with front(tmp_path, uploads_of_address=2, uploads_of_all=9, exempt_networks=()) as site, ExitStack() as held:

        def hold(path: str, source: str) -> socket.socket:
            site.upstream.go_on.clear()
            return held.enter_context(closing(begin(site, path, source)))

        for path in ("/api/videos/upload", "/api/uploads"):
            hold(path, peer)
            assert site.upstream.go_on.wait(5)
        for path in ("/upload", "/api/uploads"):
            said = hold(path, peer).recv(65536).decode()
            assert said.startswith("HTTP/1.1 429")
            assert "Retry-After" in said
        assert not site.upstream.go_on.is_set()
        hold("/api/videos/upload", "127.0.0.1")
        assert site.upstream.go_on.wait(5)


def test_who_takes_uploads_may_be_gone_and_pages_go_on(tmp_path: Path) -> None:
    with front(tmp_path, uploads=f"unix:{tmp_path}/nobody.sock") as alone:
        for path in ("/api/videos/upload", "/upload", "/api/uploads"):
            gone = alone.client.post(path, content=b"x")
            assert (gone.status_code, "Retry-After" in gone.headers) == (502, True)
        assert alone.client.patch("/api/uploads/1", content=b"x").status_code == 502
        assert alone.client.head("/api/uploads/1").status_code == 502  # HEAD goes to the process that takes the upload
        assert alone.client.get("/upload").status_code == 200
        assert alone.client.post("/api/auth/login", content=b"x").status_code == 200
