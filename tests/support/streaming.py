"""Clients of the live streams: the application itself as it is served, without a server."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import Route
from starlette.types import ASGIApp

from anb.db.session import connect
from anb.streams.app import Streams, wrapped
from anb.streams.description import router
from support.worlds import World

PROXIED = {"host": "testserver", "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7"}
PATIENCE = 20  # seconds
# The addresses in the API's description that the web application does not serve.
ELSEWHERE = frozenset(route.path for route in router.routes if isinstance(route, Route))
Raw = Sequence[tuple[bytes, bytes]]


@dataclass
class StreamedResponse:
    """The answer that one client receives, part by part."""

    messages: "asyncio.Queue[Mapping[str, Any]]" = field(default_factory=asyncio.Queue)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    async def receive(self) -> dict[str, str]:
        """Disconnect when the client does."""
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Mapping[str, Any]) -> None:
        """Take the application's messages."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]}
            self.begun.set()
        await self.messages.put(message)

    async def body(self) -> str:
        """Return the next part of the body."""
        while (message := await self.messages.get())["type"] != "http.response.body":
            pass
        return str(message["body"].decode())


@dataclass
class Clients:
    """Clients of one running application."""

    app: ASGIApp
    asking: list[asyncio.Task[None]] = field(default_factory=list)

    async def __call__(self, path: str, method: str = "GET", **headers: str) -> StreamedResponse:
        """Send a request as nginx forwards it; return when the answer has begun."""
        named = PROXIED | {name.replace("_", "-").lower(): value for name, value in headers.items()}
        raw = [(name.encode(), value.encode()) for name, value in named.items()]
        answer, _ = await self.knock(method, path, b"", raw)
        return answer

    async def knock(
        self, method: str, path: str, query: bytes, headers: Raw
    ) -> tuple[StreamedResponse, asyncio.Task[None]]:
        """Send any request; return when the answer has begun. Raises what the application raises."""
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "path": path, "query_string": query,
            "raw_path": path.encode(), "root_path": "", "headers": list(headers), "scheme": "http",
            "server": ("testserver", 80), "client": ("", 0),
        }  # fmt: skip
        answer = StreamedResponse()
        task = asyncio.ensure_future(self.app(scope, answer.receive, answer.send))
        self.asking.append(task)
        beginning = asyncio.ensure_future(answer.begun.wait())
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({task, beginning}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.status:
            beginning.cancel()
            await task
            raise AssertionError("nothing was answered")
        return answer, task

    async def taste(self, method: str, path: str, query: bytes, headers: Raw) -> tuple[int, dict[str, str]]:
        """Send any request and leave after the first part: some answers never end. Return status and headers."""
        answer, task = await self.knock(method, path, query, headers)
        async with asyncio.timeout(PATIENCE):
            await answer.body()
            answer.gone.set()
            await task
        self.asking.remove(task)
        return answer.status, answer.headers


@asynccontextmanager
async def running(world: World) -> AsyncIterator[Clients]:
    """Run the application from its start to its end."""
    streams = Streams(world.settings, connect(world.settings))
    streams._app.state.ports = world.ports
    stop, started = asyncio.Event(), asyncio.Event()
    words = iter(({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}))

    async def receive() -> Mapping[str, str]:
        if started.is_set():
            await stop.wait()
        return next(words)

    async def send(_: Mapping[str, Any]) -> None:
        started.set()

    app = wrapped(streams, world.settings)
    living = asyncio.ensure_future(app({"type": "lifespan"}, receive, send))  # type: ignore[arg-type]
    await started.wait()
    clients = Clients(app)
    try:
        yield clients
    finally:
        stop.set()
        for task in clients.asking:
            task.cancel()
        await living


def said(part: str) -> list[tuple[str, Any]]:
    """Return the events in a part of a body: name and data."""
    blocks = [dict(line.split(": ", 1) for line in block.splitlines() if ": " in line) for block in part.split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks if "event" in block]
