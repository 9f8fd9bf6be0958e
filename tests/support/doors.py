"""The doors of the platform: the web application, and the live streams' own."""

import asyncio
from contextlib import AsyncExitStack
from typing import Self

from support.access import FORM, Access, Endpoint, Headers, sort
from support.browser_client import OURS
from support.streaming import ELSEWHERE, PROXIED, Clients, running
from support.tus import CHUNK_TYPE
from support.worlds import World


class Doors:
    """The web application, and the streams' own."""

    def __init__(self, world: World) -> None:
        self._world, self._runner, self._stack = world, asyncio.Runner(), AsyncExitStack()
        self._streams: Clients = self._runner.run(self._stack.enter_async_context(running(world)))

    def knock(self, endpoint: Endpoint, place: str, body: str, proof: Headers) -> Access:
        """Send a request as a browser or program does, and sort its answer."""
        method, path = endpoint
        named = OURS | {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"} | proof
        if path in ELSEWHERE:
            raw = [(name.lower().encode(), word.encode()) for name, word in (PROXIED | named).items()]
            status, told = self._runner.run(self._streams.taste(method, place, b"", raw))
            return sort(status, told)
        named["Content-Type"] = CHUNK_TYPE if method == "PATCH" else "application/json" if "{" in body else FORM
        self._world.client.cookies.clear()
        got = self._world.client.request(method, place, content=body, headers=named, follow_redirects=False)
        return sort(got.status_code, got.headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()
