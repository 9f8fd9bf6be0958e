"""An issuer that is slow, endless, broken or hostile is left within a bound, and never causes a 500."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anb.adapters.openid.fetch import AT_ONCE, MOST_BYTES, MOST_WAITING, IssuerFetcher
from anb.ports.issuers import IssuerMistaken, IssuerSilent
from support.issuers import FIRST_KEY, HERE, WELL_KNOWN, ScriptedIssuer, address, redeem, said


async def _never(_request: httpx2.Request) -> httpx2.Response:
    await asyncio.Event().wait()
    raise AssertionError


class Endless(httpx2.AsyncByteStream):
    """A body without an end; counts what was taken of it."""

    def __init__(self) -> None:
        self.sent = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.sent += 1024
            yield b" " * 1024


class TestAnIssuerThatHoldsUs:
    @pytest.mark.parametrize("path", [WELL_KNOWN, "/keys", "/token"])
    def test_one_that_never_answers_is_left(self, path: str) -> None:
        issuer = ScriptedIssuer(instead={path: _never})
        client = issuer.client()
        client._known["club"].fetcher._seconds = 0.05
        with pytest.raises(IssuerSilent, match="slow"):
            redeem(issuer, client)

    def test_one_that_sends_a_letter_now_and_then_is_left_too(self) -> None:
        """Over a real connection: each letter comes before any timeout of the transport."""

        left = asyncio.Event()

        async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            has_left = False
            with suppress(asyncio.IncompleteReadError):  # on a busy machine the client leaves before it has asked
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\n")
                while not has_left:
                    writer.write(b"X-Drip: 1\r\n")
                    with suppress(TimeoutError):
                        has_left = await asyncio.wait_for(reader.read(1), 0.02) == b""
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            left.set()

        async def ask() -> None:
            async with await asyncio.start_server(drip, "127.0.0.1") as server:
                port = server.sockets[0].getsockname()[1]
                try:
                    await IssuerFetcher(seconds=0.3).get(f"http://127.0.0.1:{port}/")
                finally:
                    await asyncio.wait_for(left.wait(), 20)

        with pytest.raises(IssuerSilent, match=r"slow|unreachable"):
            asyncio.run(ask())

    @pytest.mark.parametrize("path", [WELL_KNOWN, "/keys", "/token"])
    def test_a_body_without_an_end_is_cut(self, path: str) -> None:
        endless = Endless()
        issuer = ScriptedIssuer(instead={path: httpx2.Response(200, stream=endless)})
        with pytest.raises(IssuerMistaken, match="huge"):
            redeem(issuer)
        assert endless.sent <= MOST_BYTES + 2048

    @pytest.mark.parametrize("path", [WELL_KNOWN, "/keys", "/token"])
    @pytest.mark.parametrize(
        ("answer", "failure", "reason"),
        [
            ((302, {"Location": "http://169.254.169.254/"}, b""), IssuerMistaken, "redirected"),
            ((200, {}, b"<html>"), IssuerMistaken, "not-json"),
            ((200, {}, b"[" * 100_000), IssuerMistaken, "not-json"),
            ((200, {}, b"[]"), IssuerMistaken, "not-json"),
            ((200, {}, b"\xff\xfe"), IssuerMistaken, "not-json"),
            ((200, {"Content-Encoding": "br"}, b"{}"), IssuerMistaken, "encoded"),
            ((500, {}, b""), IssuerSilent, "failed"),
        ],
        ids=["redirect", "html", "deep", "list", "no-utf8", "encoded", "failure"],
    )
    def test_an_answer_that_is_not_an_object_is_refused(
        self, path: str, answer: tuple[int, dict[str, str], bytes], failure: type[Exception], reason: str
    ) -> None:
        status, headers, body = answer
        instead = httpx2.Response(status, headers=headers, stream=httpx2.ByteStream(body))
        with pytest.raises(failure, match=reason):
            redeem(ScriptedIssuer(instead={path: instead}))

    def test_keys_that_are_no_list_are_refused(self) -> None:
        with pytest.raises(IssuerMistaken, match="no-keys"):
            redeem(ScriptedIssuer(instead={"/keys": said({"keys": 7})}))

    def test_metadata_that_is_not_there_is_a_failure_of_the_issuer(self) -> None:
        with pytest.raises(IssuerSilent, match="failed"):
            address(ScriptedIssuer(instead={WELL_KNOWN: said({}, 404)}))

    def test_an_issuer_that_cannot_be_reached_is_silent(self) -> None:
        async def refuse(_request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ConnectError("refused")

        with pytest.raises(IssuerSilent, match="unreachable"):
            address(ScriptedIssuer(instead={WELL_KNOWN: refuse}))

    def test_only_a_few_people_wait_for_one_issuer(self) -> None:
        held: list[int] = []
        now = 0

        async def hold(request: httpx2.Request) -> httpx2.Response:
            nonlocal now
            now += 1
            held.append(now)
            try:
                return await _never(request)
            finally:
                now -= 1

        issuer = ScriptedIssuer(instead={WELL_KNOWN: hold})
        client, known = issuer.client(), issuer.begin()
        client._known["club"].fetcher._seconds = 0.5

        async def crowd() -> list[str]:
            asked = [client.address("club", known, HERE) for _ in range(AT_ONCE + MOST_WAITING + 3)]
            return [str(failure) for failure in await asyncio.gather(*asked, return_exceptions=True)]

        reasons = asyncio.run(crowd())
        assert (reasons.count("busy"), reasons.count("slow")) == (3, AT_ONCE + MOST_WAITING)
        assert max(held) == AT_ONCE

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.fixed_dictionaries(
            {},
            optional={
                name: st.recursive(
                    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
                    max_leaves=4,
                )
                for name in ("kty", "kid", "use", "alg", "n", "e", "crv", "x", "y", "d", "issuer", "key_ops", "x5c")
            },
        )
    )
    def test_no_shape_of_a_key_or_a_claim_is_a_failure_of_ours(self, odd: dict[str, Any]) -> None:
        whole = {"keys": [{**FIRST_KEY.as_dict(private=False), **odd}]}
        issuer = ScriptedIssuer(instead={"/keys": said(whole)})
        issuer.claims = {name: value for name, value in odd.items() if value == value and name != "x5c"}  # noqa: PLR0124
        with suppress(IssuerMistaken):
            assert redeem(issuer).subject
