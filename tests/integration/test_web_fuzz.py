"""Requests that no client would send, at every address: refused or answered, never our fault.

`make fuzz-http` runs it alone; SEED=7 makes the same requests again, EXAMPLES=2000 takes longer.
"""

import asyncio
import os
import random
from collections import Counter
from contextlib import AsyncExitStack, suppress
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx2 as httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from starlette.routing import Route
from verify.kit import upload_forms

from anb.web.paging import encode
from support.browser_client import published
from support.streaming import PROXIED, running
from support.worlds import Player, World

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(2**32))
EXAMPLES = int(os.environ.get("EXAMPLES") or 150)
DOORS = 8  # requests per example
CALM = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)

LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40)
NUMBERS = st.sampled_from(
    ["0", "-1", "+5", "1_000", "9" * 400, str(2**63), "1e9", "Infinity", "NaN", "0x10", "\xb2", ""]
)
TIMES = st.sampled_from(["2026-01-01T00:00:00+00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "now"])
IDS = st.sampled_from([str(UUID(int=7)), "no id", "", 7])
COUNTS = st.sampled_from([0, -1, 2**63, -(2**63), 10**40, float("inf"), float("nan"), 1.5, "7", None, [7], True])
KEYS: st.SearchStrategy[Any] = st.one_of(
    st.tuples(COUNTS, TIMES, IDS), st.tuples(TIMES, IDS), st.tuples(IDS), st.lists(st.integers(), max_size=4)
)
NAMES = st.sampled_from([
    "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Content-Encoding", "Content-Length",
    "Content-Type", "Cookie", "Expect", "Forwarded", "Host", "Idempotency-Key", "If-Match", "If-Modified-Since",
    "If-None-Match", "If-Range", "Origin", "Range", "Referer", "Sec-Fetch-Site", "Tus-Resumable", "Upload-Checksum",
    "Upload-Concat", "Upload-Defer-Length", "Upload-Length", "Upload-Metadata", "Upload-Offset", "X-Forwarded-For",
    "X-Forwarded-Proto", "X-HTTP-Method-Override", "X-Request-Id",
])  # fmt: skip
STREAM_NAMES = st.sampled_from(["Last-Event-ID", "Access-Control-Request-Method", "Access-Control-Request-Headers"])
WORDS = st.one_of(LATIN, NUMBERS, st.sampled_from([
    "http://[", "https://testserver", "null", "same-origin", "text/html", "1.0.0", "bytes=0-", "bytes=-9" + "9" * 30,
    "application/offset+octet-stream", "application/json", upload_forms.CONTENT_TYPE, "multipart/form-data",
    "application/x-www-form-urlencoded", "title bWlv", "title /w==", "title", "sha1 AA==", "md5 AA==", "en;q=nan",
    "Bearer " + "W1tb" * 3000 + ".e30.c2ln", "__Host-anb=" + "W1tb" * 900 + ".e30.c2ln", 'W/"', '"a", *', "*",
    "gzip", "testserver", "a]b", "[::1", "final;/a /b", "100-continue", "Thu, 99 Foo 9999 99:99:99 GMT",
]))  # fmt: skip
QUERY = st.dictionaries(
    st.sampled_from(
        ["limit", "cursor", "cursor", "page", "city", "expires", "signature", "next", "state", "deleted", "q"]
    ),
    st.one_of(
        st.text(max_size=30),
        NUMBERS,
        KEYS.map(encode),
        KEYS.map(encode),
        st.sampled_from(["\0", "\ud7ff", "%00", "//evil"]),
    ),
    max_size=4,
)
BODIES = st.one_of(
    st.just(b""), st.binary(max_size=200), st.just(b"[" * 20_000), st.just(b'{"email": "\\ud800"}'),
    st.just(upload_forms.field("title", b"\xff") + upload_forms.END),
    st.just(b"email=%00&password=%ff&next=//a"), st.just(b'{"email": 1e999, "password": NaN}'),
)  # fmt: skip
PARTS = st.one_of(st.sampled_from(["processed", "original", "%00", "..", "%ff", "x" * 300, str(UUID(int=7))]), LATIN)


# The bodies of tus are raw bytes, and Schemathesis has no rules for them.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")


@pytest.fixture
def open_world(world: World) -> World:
    """A world without rate limits, with some data; it prints how to repeat this run."""
    free = {name: "" for name in type(world.settings).model_fields if name.startswith("rate_")} | {
        "rate_requests": 100, "rate_exempt_networks": ""}  # fmt: skip
    world.client.app.state.settings = world.settings.model_copy(update=free)  # type: ignore[attr-defined]
    print(f"SEED={SEED} EXAMPLES={EXAMPLES}")  # noqa: T201 - shown by pytest when something is found
    return world


def routes(world: World) -> list[tuple[str, str]]:
    """Return every method and address of the application, including pages."""
    app: Any = world.client.app
    known = {(method, path) for path, methods in app.openapi()["paths"].items() for method in map(str.upper, methods)}
    for route in filter(lambda one: isinstance(one, Route), app.routes):
        known |= {(method, route.path) for method in route.methods or ()}
    return sorted(known)


def judge(answer: httpx.Response | Any, said: object) -> None:
    """Allow none of our faults; only the answers of a full share or a busy server, with Retry-After."""
    told = answer.status_code in {503, 507} and "retry-after" in {name.lower() for name in answer.headers}
    assert answer.status_code < 500 or answer.status_code == 501 or told, (SEED, said, answer.status_code)


def test_no_header_cookie_query_or_path_is_a_fault_of_ours(open_world: World) -> None:
    player = open_world.player()
    video_id, doors = str(published(open_world, player)), routes(open_world)

    @seed(SEED)
    @CALM
    @given(
        some=st.lists(st.sampled_from(doors), min_size=DOORS, max_size=DOORS, unique=True),
        headers=st.lists(st.tuples(NAMES, WORDS), max_size=4),
        query=QUERY,
        body=BODIES,
        part=PARTS,
        here=st.booleans(),
        signed_in=st.booleans(),
    )
    def knock(some: list[tuple[str, str]], headers: list[tuple[str, str]], query: dict[str, str], body: bytes,
              part: str, here: bool, signed_in: bool) -> None:  # fmt: skip
        known = player.headers if signed_in else {}
        raw = [(name.encode(), text.encode("latin-1")) for name, text in [*known.items(), *headers]]
        for method, path in some:
            place = "/".join((video_id if here else part) if "{" in chunk else chunk for chunk in path.split("/"))
            with suppress(httpx.InvalidURL, httpx.LocalProtocolError):  # what cannot even be sent
                answer = open_world.client.request(
                    method, place, params=query, headers=raw, content=body, follow_redirects=False
                )
                judge(answer, (method, place, query, headers, body[:60]))

    knock()


def test_no_request_of_a_stream_is_a_fault_of_ours(open_world: World) -> None:
    """Streams do not end: each is left after its first event."""
    open_world.settings = open_world.settings.model_copy(update={"cors_origins": ["https://club.example"]})
    player = open_world.player()
    jobs = [str(player.upload().task_id), str(UUID(int=7)), "%00", "..", "7", "x" * 300]
    proxied = [(name.encode(), value.encode()) for name, value in PROXIED.items() if name != "host"]
    seen: Counter[int] = Counter()

    with asyncio.Runner() as runner:
        clients = runner.run((stack := AsyncExitStack()).enter_async_context(running(open_world)))

        @seed(SEED)
        @CALM
        @given(
            method=st.sampled_from(["GET"] * 5 + ["HEAD", "OPTIONS", "POST", "TRACE", "get", "\xb2"]),
            job=st.one_of(st.sampled_from(jobs), st.sampled_from(jobs[:1]), PARTS),
            lists=st.booleans(),
            tail=st.sampled_from(["", "", "", "/", "//", "/..", "\0", "?"]),
            query=st.one_of(
                st.just(b""), st.binary(max_size=60), QUERY.map(lambda one: urlencode(one, errors="replace").encode())
            ),
            headers=st.lists(st.tuples(NAMES | STREAM_NAMES, WORDS), max_size=5),
            host=st.sampled_from(["testserver", "testserver", "[::1", "a]b", "http://[", "", "x:99999"]),
            signed_in=st.booleans(),
        )
        def knock(method: str, job: str, lists: bool, tail: str, query: bytes, headers: list[tuple[str, str]],
                  host: str, signed_in: bool) -> None:  # fmt: skip
            path = ("/api/public/events" if lists else f"/api/jobs/{job}/events") + tail
            known = player.headers if signed_in else {}
            named = [(name.lower(), text) for name, text in [*headers, *known.items(), ("Host", host)]]
            raw = proxied + [(name.encode(), text.encode("latin-1")) for name, text in named]
            status, told = runner.run(clients.taste(method, path, query, raw))
            seen[status] += 1
            judge(httpx.Response(status, headers=told), (method, path, query, raw))

        knock()
        runner.run(stack.aclose())
    assert {200, 401, 404, 405} <= set(seen), seen


def test_no_cursor_is_a_fault_of_ours(open_world: World) -> None:
    organizer = open_world.organizer()
    paths = ["/", "/ranking", "/me", "/api/videos", "/api/public/videos", "/api/public/rankings", "/api/admin/jobs"]

    @seed(SEED)
    @CALM
    @given(key=KEYS)
    def follow(key: Any) -> None:
        for path in paths:
            judge(open_world.client.get(path, params={"cursor": encode(key)}, headers=organizer.headers), (path, key))

    follow()


def test_whatever_the_api_says_it_takes_it_takes(open_world: World) -> None:
    """Schemathesis as an organizer, making one call after another along the document's links."""
    organizer = open_world.organizer()
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", open_world.client.app)
    machine = schema.as_state_machine()

    @seed(SEED)
    class Journey(machine):  # type: ignore[misc, valid-type]  # made at run time
        def get_call_kwargs(self, _case: Any) -> dict[str, Any]:
            return {"headers": organizer.headers}

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            judge(response, case.as_curl_command())

    run_state_machine_as_test(
        Journey, settings=settings(CALM, max_examples=max(EXAMPLES // 20, 5), stateful_step_count=12)
    )


def test_each_endpoint_takes_what_its_schema_makes_and_what_it_breaks(open_world: World) -> None:
    organizer: Player = open_world.organizer()
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", open_world.client.app)
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # an InvalidSchema has none, and fails here

        @seed(SEED)
        @settings(CALM, max_examples=max(EXAMPLES // 20, 5))
        @given(case=operation.as_strategy())
        def call(case: Any) -> None:
            judge(case.call(headers=organizer.headers), case.as_curl_command())

        call()
