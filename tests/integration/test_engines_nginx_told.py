"""A refusal of nginx's own says which limit was reached, and that nothing remains: with each nginx of this machine."""

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from anb.engines.nginx_limits import RETRY_AFTER
from support.stack_upstream import PROGRAMS, Front, address_in_a_network, front
from support.waiting import until

CONCURRENT = 'qu="concurrent-requests"'
EVENTS, LISTS = "/api/jobs/7/events", "/api/public/events"

Answer = tuple[int, dict[str, str], bytes]
Send = Callable[[str], socket.socket]


@pytest.fixture(params=PROGRAMS)
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Front]:
    limits = {"requests": 3, "uploads_of_address": 2, "uploads_of_all": 4, "streams_by_address": 2}
    with front(tmp_path, program=request.param, exempt_networks=(), **limits) as running:
        yield running


@pytest.fixture
def held(site: Front) -> Iterator[ExitStack]:
    """Connections that stay open while a test runs."""
    with ExitStack() as connections:
        yield connections
        site.upstream.go_on.set()


def send(site: Front, request: str, source: str = "127.0.4.1") -> socket.socket:
    """Send a request from an address of this machine, without waiting for an answer."""
    wire = socket.create_connection(("127.0.0.1", site.port), timeout=10, source_address=(source, 0))
    wire.sendall(f"{request} HTTP/1.1\r\nHost: a\r\nOrigin: https://club.example\r\n".encode())
    wire.sendall(b"Content-Length: 100\r\n\r\nx" if request.startswith("POST") else b"\r\n")
    return wire


def answer(wire: socket.socket) -> Answer:
    said = http.client.HTTPResponse(wire)
    said.begin()
    return said.status, {name.lower(): value for name, value in said.getheaders()}, said.read()


def told(refused: Answer) -> tuple[str, str]:
    """Return the policy and the remaining quota of a refusal, after checking that it is one."""
    status, headers, body = refused
    assert (status, json.loads(body)["code"]) == (429, "too-many-requests")
    assert headers["content-type"] == "application/problem+json"
    assert headers["retry-after"] == str(RETRY_AFTER)
    return headers["ratelimit-policy"], headers["ratelimit"]


def reached(site: Front, requests: int) -> None:
    """Wait until the application has received this many requests."""
    until(lambda: len(site.upstream.asked) >= requests, 10, told=lambda: site.upstream.asked)


def test_too_many_within_a_time(site: Front) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, source_address=("127.0.4.1", 0))) as client:
        for _ in range(500):
            client.request("GET", "/echo")
            said = client.getresponse()
            body = said.read()
            if said.status != 200:
                break
            assert said.getheader("ratelimit-policy") is None
    refused = (said.status, {name.lower(): value for name, value in said.getheaders()}, body)
    assert told(refused) == ('"requests-10";q=30;w=10', f'"requests-10";r=0;t={RETRY_AFTER}')


def test_too_many_at_once(site: Front, held: ExitStack) -> None:
    before = len(site.upstream.asked)
    for number in range(30):
        held.enter_context(closing(send(site, f"GET /api/public/videos?slow={number}")))
    reached(site, before + 30)
    refused = answer(held.enter_context(closing(send(site, "GET /echo", "127.0.4.2"))))
    assert told(refused) == (f'"connections";q=30;{CONCURRENT}', '"connections";r=0')


@pytest.mark.parametrize("path", ["/api/videos/upload", "/upload", "/api/uploads/7"])
def test_too_many_uploads_in_all(site: Front, held: ExitStack, path: str) -> None:
    before = len(site.upstream.asked)
    for _ in range(4):
        held.enter_context(closing(send(site, f"POST {path}")))
    reached(site, before + 4)
    refused = answer(held.enter_context(closing(send(site, f"POST {path}"))))
    assert told(refused) == (f'"uploads-of-all";q=4;{CONCURRENT}', '"uploads-of-all";r=0')


def test_too_many_uploads_of_an_address(site: Front, held: ExitStack) -> None:
    peer, before = address_in_a_network(), len(site.upstream.asked)
    for _ in range(2):
        held.enter_context(closing(send(site, "POST /api/uploads", peer)))
    reached(site, before + 2)
    refused = answer(held.enter_context(closing(send(site, "POST /api/uploads", peer))))
    assert told(refused) == (f'"uploads-of-address";q=2;{CONCURRENT}', '"uploads-of-address";r=0')


@pytest.mark.parametrize(
    ("path", "limit", "other"), [(EVENTS, "job-streams-of-address", LISTS), (LISTS, "list-streams-of-address", EVENTS)]
)
def test_too_many_streams_of_an_address(site: Front, held: ExitStack, path: str, limit: str, other: str) -> None:
    site.upstream.go_on.clear()
    before = len(site.upstream.asked)
    for _ in range(2):
        held.enter_context(closing(send(site, f"GET {path}")))
    reached(site, before + 2)
    refused = answer(held.enter_context(closing(send(site, f"GET {path}"))))
    assert told(refused) == (f'"{limit}";q=2;{CONCURRENT}', f'"{limit}";r=0')
    # A school that watches the ranking leaves room for its players' jobs, and the other way round.
    for _ in range(2):
        held.enter_context(closing(send(site, f"GET {other}")))
    reached(site, before + 4)


def test_people_and_pages_of_other_sites_are_told_as_well(tmp_path: Path) -> None:
    origins = ("https://club.example",)
    with front(tmp_path, exempt_networks=(), streams_by_address=1, origins=origins) as site, ExitStack() as held:
        before = len(site.upstream.asked)
        held.callback(site.upstream.go_on.set)
        held.enter_context(closing(send(site, f"GET {EVENTS}")))
        reached(site, before + 1)
        _, headers, _ = answer(held.enter_context(closing(send(site, f"GET {EVENTS}"))))
    assert headers["access-control-allow-origin"] == "https://club.example"
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(headers["access-control-expose-headers"].split(", "))
