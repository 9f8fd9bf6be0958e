"""The middleware around the application: what it lets pass, what it adds, and what it refuses."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from fastapi import Request
from starlette.types import Message, Receive, Scope, Send
from structlog.contextvars import get_contextvars

from anb.errors import Refusal
from anb.web.coding import PlainBodies
from anb.web.host import HostCheck
from anb.web.problems import refused
from anb.web.security_headers import SecurityHeaders, add_headers
from anb.web.targets import NoTrailingSlash, PlainQuery, site_address
from anb.web.validators import Validators
from support.asgi import ask

APP = SimpleNamespace(exception_handlers={Refusal: refused})


class TestSecurityHeaders:
    def test_an_answer_cannot_be_framed_guessed_at_or_run_as_a_page(self) -> None:
        said = ask(SecurityHeaders, path="/x").headers
        assert said == {
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        }

    def test_what_an_answer_says_itself_stays(self) -> None:
        own = {"Content-Security-Policy": "default-src 'self'", "Cache-Control": "public, max-age=60"}
        said = ask(SecurityHeaders, says=own).headers
        assert (said["content-security-policy"], said["cache-control"]) == tuple(own.values())

    @pytest.mark.parametrize(
        ("path", "says", "cached"),
        [("/api/x", {}, "no-store"), ("/videos", {}, None), ("/api/x", {"X-Accel-Redirect": "/kept/x"}, None)],
    )
    def test_no_cache_keeps_what_the_api_says(self, path: str, says: Mapping[str, str], cached: str | None) -> None:
        assert ask(SecurityHeaders, says=says, path=path).headers.get("cache-control") == cached

    def test_an_application_reads_the_body_that_was_sent(self) -> None:
        read: list[Message] = []

        async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
            read.append(await receive())

        async def receive() -> Message:
            return {"type": "http.request", "body": b"clip"}

        async def send(_message: Message) -> None: ...

        anyio.run(SecurityHeaders(app), {"type": "http", "path": "/", "headers": []}, receive, send)
        assert read == [{"type": "http.request", "body": b"clip"}]

    def test_what_a_dependency_adds_stands_on_a_refusal_too(self) -> None:
        def act(scope: Any) -> None:
            for name in ("RateLimit", "Retry-After"):
                add_headers(Request(scope), {name: "7"})

        said = ask(SecurityHeaders, status=429, act=act, says={"Retry-After": "1"}).headers
        assert (said["ratelimit"], said["retry-after"]) == ("7", "7")

    @pytest.mark.parametrize(("headers", "known"), [({"X-Request-Id": "abc"}, "abc"), ({}, "")])
    def test_every_log_line_has_the_request_it_is_about(self, headers: Mapping[str, str], known: str) -> None:
        seen: list[dict[str, Any]] = []
        ask(SecurityHeaders, headers, act=lambda _scope: seen.append(get_contextvars()))
        assert seen == [{"request_id": known}]
        assert "request_id" not in get_contextvars()


class TestPlainBodies:
    @pytest.mark.parametrize("coding", [None, "", "identity", "Identity", " identity , "])
    def test_a_body_as_it_is_passes(self, coding: str | None) -> None:
        headers = {} if coding is None else {"Content-Encoding": coding}
        assert ask(PlainBodies, headers, app=APP).body == b"said"

    @pytest.mark.parametrize("coding", ["gzip", "identity, gzip", "x"])
    def test_a_coded_one_is_refused_and_told_what_passes(self, coding: str) -> None:
        asked = ask(PlainBodies, {"Content-Encoding": coding}, app=APP)
        assert (asked.status, asked.headers["accept-encoding"], asked.scopes) == (415, "identity", [])


class TestHostCheck:
    @pytest.mark.parametrize("host", [None, "", "anb.example", "anb.example:8080", "[::1]:80", "a%20b", "x:"])
    def test_a_host_is_one(self, host: str | None) -> None:
        assert ask(HostCheck, {} if host is None else {"Host": host}).body == b"said"

    @pytest.mark.parametrize("host", ["[", "a/b", "me@anb.example", "a b", "a:123456", "[::1"])
    def test_what_is_none_is_refused(self, host: str) -> None:
        asked = ask(HostCheck, {"Host": host})
        assert (asked.status, asked.scopes) == (400, [])
        assert b'"Host"' in asked.body


class TestTargets:
    @pytest.mark.parametrize(
        ("path", "seen"),
        [("/api/x/", "/api/x"), ("/api/x//", "/api/x"), ("/api/x", "/api/x"), ("/", "/"), ("//", "//")],
    )
    def test_a_slash_at_the_end_changes_nothing(self, path: str, seen: str) -> None:
        (scope,) = ask(NoTrailingSlash, path=path, raw_path=path.encode()).scopes
        assert (scope["path"], scope["raw_path"]) == (seen, seen.encode())

    def test_a_server_need_not_tell_the_raw_path(self) -> None:
        (scope,) = ask(NoTrailingSlash, path="/api/x/", raw_path=None).scopes
        assert (scope["path"], scope["raw_path"]) == ("/api/x", b"")

    @pytest.mark.parametrize(
        ("raw", "seen"), [(b"q=\xc3\xb3", b"q=%C3%B3"), (b"q=\x80\xff", b"q=%80%FF"), (b"a", b"a")]
    )
    def test_raw_bytes_of_a_query_are_what_they_are_escaped(self, raw: bytes, seen: bytes) -> None:
        (scope,) = ask(PlainQuery, query_string=raw).scopes
        assert scope["query_string"] == seen

    @pytest.mark.parametrize(
        ("public", "host", "address"),
        [
            ("https://anb.example/", "10.0.0.1", "https://anb.example"),
            ("https://anb.example/X", "10.0.0.1", "https://anb.example/X"),
            (None, "anb.example:8080", "http://anb.example:8080"),
            (None, "[::1]:80", "http://[::1]:80"),
            (None, 'x"y', ""),
            (None, "", ""),
        ],
    )
    def test_an_address_begins_with_what_is_known_of_us(self, public: str | None, host: str, address: str) -> None:
        scope = {
            "type": "http",
            "scheme": "http",
            "path": "/",
            "headers": [(b"host", host.encode())],
            "server": ("u", 1),
        }
        settings: Any = SimpleNamespace(public_url=public)
        assert site_address(Request({**scope, "query_string": b""}), settings) == address


PUBLIC = {"Cache-Control": "public, max-age=60", "Link": "<x>", "Content-Type": "text/plain", "Vary": "Origin"}


class TestValidators:
    def tag(self, body: bytes = b"said", says: Mapping[str, str] = PUBLIC) -> str:
        return ask(Validators, says=says, body=(body,)).headers["etag"]

    def test_one_tag_stands_for_one_body_and_where_the_list_goes_on(self) -> None:
        assert self.tag() == self.tag()
        others = [self.tag(says=PUBLIC | more) for more in ({"Link": "<y>"}, {"X-Total-Count": "2"})]
        assert len({self.tag(), self.tag(b"other"), *others}) == 4
        assert self.tag().startswith('W/"')

    @pytest.mark.parametrize("known", ["{tag}", "*", 'W/"x", {tag}', "{strong}", " {tag} ,"])
    def test_who_has_it_is_told_so_and_nothing_else(self, known: str) -> None:
        tag = self.tag()
        named = known.format(tag=tag, strong=tag.removeprefix("W/"))
        asked = ask(Validators, {"If-None-Match": named}, says=PUBLIC)
        assert (asked.status, asked.body) == (304, b"")
        assert asked.headers == {"cache-control": "public, max-age=60", "link": "<x>", "vary": "Origin", "etag": tag}

    @pytest.mark.parametrize("known", ["", 'W/"x"', "x"])
    def test_who_has_another_gets_it_whole(self, known: str) -> None:
        asked = ask(Validators, {"If-None-Match": known}, says=PUBLIC)
        assert (asked.status, asked.body) == (200, b"said")

    @pytest.mark.parametrize(
        ("says", "more"),
        [
            ({"Cache-Control": "no-store"}, {}),
            (PUBLIC | {"ETag": '"own"'}, {}),
            (PUBLIC, {"status": 404}),
            (PUBLIC, {"method": "POST"}),
            (PUBLIC, {"body": (b"a ", b"stream")}),
        ],
    )
    def test_what_is_not_whole_public_and_read_gets_no_tag(self, says: dict[str, str], more: dict[str, Any]) -> None:
        asked = ask(Validators, {"If-None-Match": "*"}, says=says, **more)
        assert asked.headers.get("etag") in {None, '"own"'}
        assert asked.body == b"".join(more.get("body", (b"said",)))

    def test_a_head_is_answered_like_its_get(self) -> None:
        assert ask(Validators, says=PUBLIC, method="HEAD").headers["etag"] == self.tag()


@pytest.mark.parametrize("around", [SecurityHeaders, PlainBodies, HostCheck, NoTrailingSlash, PlainQuery, Validators])
def test_what_is_no_request_passes_untouched(around: Any) -> None:
    bad = {"Host": "[", "Content-Encoding": "gzip", "If-None-Match": "*"}
    asked = ask(around, bad, type="websocket", path="/x/", query_string=b"\xff", says=PUBLIC)
    assert asked.scopes[0]["path"] == "/x/"
    assert set(asked.headers) == {name.lower() for name in PUBLIC}
    assert (asked.scopes[0]["query_string"], asked.body) == (b"\xff", b"said")
