"""A body that the application did not read is drained, so that the answer arrives; without a body, no wait occurs."""

import asyncio
from typing import Any

import anyio
import pytest

from anb.web import drain_body
from anb.web.drain_body import DRAIN_SECONDS, DrainBody

CHUNKED = {"transfer-encoding": "chunked"}


class FakeClient:
    """Sends a body chunk by chunk, then disconnects; or holds the connection when it has nothing more to send."""

    def __init__(self, *chunks: dict[str, Any], holds: bool = False) -> None:
        self.chunks = list(chunks)
        self.asked = 0
        self.holds = holds
        self.heard: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        self.asked += 1
        if self.chunks:
            return {"type": "http.request", **self.chunks.pop(0)}
        if self.holds:
            await anyio.sleep_forever()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.heard.append(message)


def ask(client: FakeClient, headers: dict[str, str], *, status: int = 401, reads: int = 0, kind: str = "http") -> None:
    """Let an application that reads this many messages answer a client."""

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        for _ in range(reads):
            await receive()
        await send({"type": "http.response.start", "status": status, "headers": []})

    scope = {"type": kind, "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}

    async def run() -> None:
        await DrainBody(app)(scope, client.receive, client.send)

    asyncio.run(run())


@pytest.mark.parametrize("headers", [CHUNKED, {"content-length": "6"}])
@pytest.mark.parametrize("reads", [0, 1, 3])
def test_what_was_not_read_is_read_once_and_no_further(headers: dict[str, str], reads: int) -> None:
    client = FakeClient({"body": b"ab", "more_body": True}, {"body": b"cd", "more_body": True}, {"body": b"ef"})
    ask(client, headers, reads=reads)
    assert client.asked == 3
    assert [said["status"] for said in client.heard] == [401]


def test_who_leaves_is_not_waited_for() -> None:
    client = FakeClient({"body": b"ab", "more_body": True})
    ask(client, CHUNKED)
    assert client.asked == 2


@pytest.mark.parametrize("headers", [{}, {"content-length": "0"}])
def test_a_request_without_a_body_is_not_waited_for(headers: dict[str, str]) -> None:
    client = FakeClient(holds=True)
    ask(client, headers)
    assert client.asked == 0


def test_what_is_no_request_has_no_body() -> None:
    client = FakeClient(holds=True)
    ask(client, CHUNKED, kind="lifespan")
    assert client.asked == 0


def test_who_sends_no_more_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain_body, "DRAIN_SECONDS", 0.01)
    client = FakeClient({"body": b"ab", "more_body": True}, holds=True)
    ask(client, CHUNKED)
    assert client.asked == 2


def test_nobody_holds_us_longer_than_ten_seconds() -> None:
    assert 5 <= DRAIN_SECONDS <= 10


@pytest.mark.parametrize(("status", "closed"), [(401, False), (408, True)])
def test_only_where_the_body_was_given_up_the_connection_is_closed(status: int, closed: bool) -> None:
    client = FakeClient({"body": b"ab"})
    ask(client, CHUNKED, status=status)
    assert ((b"connection", b"close") in client.heard[0]["headers"]) is closed
