"""A client that stalls before nginx has forwarded anything gets no answer, and is owed none (RFC 9110, 15.5.9)."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from support.stack_upstream import Front, front


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Front]:
    with front(tmp_path) as running:
        yield running


@pytest.mark.slow
def test_who_stalls_before_anything_was_passed_on_is_cut_off_and_costs_the_application_nothing(site: Front) -> None:
    before, until = len(site.upstream.asked), time.monotonic() + 90
    begun = (
        b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx",
        b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Le",
    )
    with ExitStack() as held:
        for request in begun:
            wire = held.enter_context(closing(socket.create_connection(("127.0.0.1", site.port), timeout=90)))
            wire.sendall(request)
            held.callback(ended, wire)
    assert time.monotonic() < until
    assert len(site.upstream.asked) == before
    assert [line["status"] for line in site.access_log()[-2:]] == [408, 408]


def ended(wire: socket.socket) -> None:
    """Wait for the end of a connection, and check that it carries no answer."""
    with suppress(ConnectionResetError):
        assert wire.recv(4096) == b""
