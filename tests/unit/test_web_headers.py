"""Headers of every shape: read as their standards define them, refused if they are something else, never a crash."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from anb.adapters.clock import SystemClock
from anb.adapters.credentials import SignedTokens
from anb.db.paging import InvalidPage, Page, count_of, moment
from anb.fields import InvalidField
from anb.web import origin
from anb.web.language import language_of
from anb.web.lengths import announced
from anb.web.paging import decode, encode

HEADER = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"))


def request(*, scheme: str = "http", public_url: str | None = None, **headers: str) -> Request:
    said = [(name.replace("_", "-").encode(), text.encode("latin-1")) for name, text in headers.items()]
    app = SimpleNamespace(state=SimpleNamespace(settings=SimpleNamespace(public_url=public_url)))
    return Request({"type": "http", "method": "POST", "scheme": scheme, "path": "/", "headers": said, "app": app})


class TestOrigin:
    @pytest.mark.parametrize(
        ("scheme", "host", "said"),
        [
            ("http", "anb.example", "http://anb.example"),
            ("http", "anb.example:8080", "http://anb.example:8080"),
            ("https", "ANB.example:443", "https://anb.example"),
            ("http", "[::1]:8080", "http://[::1]:8080"),
        ],
    )
    def test_our_own_pages_are_ours(self, scheme: str, host: str, said: str) -> None:
        assert origin.is_same_origin(request(scheme=scheme, host=host, origin=said))

    @pytest.mark.parametrize(
        "said",
        ["http://anb.example", "https://anb.example:8443", "https://evil.example", "null", "http://[", "https://", "",
         "https://anb.example@evil.example", "https://anb.example:99999", "https://anb.example:x", "file://anb.example"],
    )  # fmt: skip
    def test_whatever_else_is_not(self, said: str) -> None:
        assert not origin.is_same_origin(request(scheme="https", host="anb.example", origin=said))

    def test_a_page_of_plain_http_cannot_act_on_the_site_behind_tls(self) -> None:
        assert not origin.is_same_origin(request(scheme="https", host="anb.example", origin="http://anb.example"))

    def test_the_public_address_is_ours_behind_a_proxy_that_ends_tls(self) -> None:
        behind = {"host": "10.0.0.7:8080", "origin": "https://anb.example"}
        assert origin.is_same_origin(request(public_url="https://anb.example/", **behind))
        assert not origin.is_same_origin(request(**behind))

    def test_a_browser_that_vouches_is_believed(self) -> None:
        assert origin.is_same_origin(request(sec_fetch_site="same-origin", origin="null"))
        assert not origin.is_same_origin(request(sec_fetch_site="same-site", host="a", origin="http://a"))

    def test_a_request_that_says_nothing_of_its_page_is_not_from_ours(self) -> None:
        assert not origin.is_same_origin(request(host="anb.example"))
        assert not origin.is_same_origin(request())

    def test_two_hosts_that_are_none_are_not_the_same(self) -> None:
        assert not origin.is_same_origin(request(host="[", origin="http://["))

    @given(HEADER, HEADER)
    def test_no_header_is_too_odd(self, host: str, said: str) -> None:
        assert origin.is_same_origin(request(host=host, origin=said)) in {True, False}


class TestLength:
    @pytest.mark.parametrize(("text", "length"), [("0", 0), ("104857600", 104_857_600), ("007", 7)])
    def test_digits_are_a_length(self, text: str, length: int) -> None:
        assert announced(request(content_length=text)) == length

    @pytest.mark.parametrize("text", ["+5", "-1", "1_000", " 5", "5 ", "", "\xb2", "0x5", "9" * 5000, "5, 5"])
    def test_what_only_python_reads_as_a_number_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidField) as refused:
            announced(request(content_length=text))
        assert list(refused.value.findings) == ["Content-Length"]

    def test_a_request_that_announces_none_has_none(self) -> None:
        assert announced(request()) == 0

    @given(HEADER)
    def test_no_header_is_too_odd(self, text: str) -> None:
        with suppress(InvalidField):
            assert announced(request(content_length=text)) >= 0


class TestLanguage:
    @pytest.mark.parametrize("weight", ["inf", "1e9", "1_0", "nan", "2", "-1", "0.0001"])
    def test_a_weight_that_is_none_weighs_nothing(self, weight: str) -> None:
        assert language_of(request(accept_language=f"en;q={weight}, es;q=0.1")) == "es"

    @given(HEADER)
    def test_no_header_is_too_odd(self, text: str) -> None:
        assert language_of(request(accept_language=text)) in {"es", "en"}


class TestCursor:
    @pytest.mark.parametrize("votes", [float("inf"), float("nan"), 2**63, -1, 1.5, True, "7", None, [7]])
    def test_a_count_that_no_row_has_is_refused(self, votes: object) -> None:
        with pytest.raises(InvalidPage):
            Page(after=decode(encode((votes, "2026-01-01T00:00:00+00:00", uuid4())))).key(count_of, moment, UUID)

    @pytest.mark.parametrize("when", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "today", 7, None])
    def test_a_time_that_no_row_has_is_refused(self, when: object) -> None:
        with pytest.raises(InvalidPage):
            Page(after=decode(encode((when,)))).key(moment)

    def test_what_we_gave_out_comes_back(self) -> None:
        now, player = datetime.now(UTC), uuid4()
        assert Page(after=decode(encode((3, now.isoformat(), player)))).key(count_of, moment, UUID) == (3, now, player)

    JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=10)

    @given(st.lists(JSON, max_size=4) | JSON)
    def test_no_key_is_too_odd(self, key: Any) -> None:
        cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")
        with suppress(InvalidPage):
            assert len(Page(after=decode(cursor)).key(count_of, moment, UUID) or ()) == 3

    @given(st.text())
    def test_no_cursor_is_too_odd(self, cursor: str) -> None:
        with suppress(InvalidPage):
            assert isinstance(decode(cursor), tuple)


class TestToken:
    TOKENS = SignedTokens("a secret of thirty-two letters or more", 60, SystemClock())

    def test_a_header_as_deep_as_a_well_is_no_token(self) -> None:
        deep = base64.urlsafe_b64encode(b"[" * 12_000).decode()
        assert self.TOKENS.read(f"{deep}.e30.c2ln") is None

    @given(HEADER)
    def test_no_token_is_too_odd(self, token: str) -> None:
        assert self.TOKENS.read(token) is None
