"""The methods of each address (RFC 9110): HEAD wherever GET works, OPTIONS everywhere, `Allow` on every 405."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from re import Pattern

import anyio
from fastapi.routing import iter_route_contexts
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from anb.web.problems import NoSuchMethod, answered


class RouteMethods:
    """The methods of every address, read from the routes at the first request."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = routes

    def methods(self, path: str) -> frozenset[str]:
        """Return the methods of an address; a fixed address is never treated as an id in a pattern."""
        return self.fixed.get(path) or frozenset[str]().union(
            *(methods for pattern, methods in self.patterns if pattern.match(path))
        )

    def allow(self, path: str) -> str:
        """Return the `Allow` header of an address."""
        methods = self.methods(path)
        return ", ".join(sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))

    def would_mistake(self, path: str, method: str) -> bool:
        """Say whether the router would take a fixed address for an id, because the address lacks this method."""
        unable = path in self.fixed and method not in self.fixed[path]
        return unable and any(method in methods and pattern.match(path) for pattern, methods in self.patterns)

    @cached_property
    def fixed(self) -> dict[str, frozenset[str]]:
        """The methods by path, for paths without parameters."""
        found: dict[str, frozenset[str]] = defaultdict(frozenset)
        for path, _, methods in self._table:
            if "{" not in path:
                found[path] |= methods
        return dict(found)

    @cached_property
    def patterns(self) -> list[tuple[Pattern[str], frozenset[str]]]:
        """The methods by pattern, for paths with parameters."""
        return [(pattern, methods) for path, pattern, methods in self._table if "{" in path]

    @cached_property
    def _table(self) -> list[tuple[str, Pattern[str], frozenset[str]]]:
        return [(route.path, route.path_regex, frozenset(route.methods))
                for route in iter_route_contexts(self._routes) if route.path is not None and route.methods]  # fmt: skip


class Methods:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._addresses = RouteMethods(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; HEAD becomes GET without its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path, method, send = scope["path"], scope["method"], self._explained(scope, send)
        if method == "HEAD" and "HEAD" not in (able := self._addresses.methods(path)) and "GET" in able:
            await _head_of(self._app, {**scope, "method": "GET"}, receive, send)
        elif method == "OPTIONS" and (able := self._addresses.methods(path)) and "OPTIONS" not in able:
            await Response(status_code=204, headers={"Allow": self._addresses.allow(path)})(scope, receive, send)
        elif self._addresses.would_mistake(path, method):
            await answered(Request(scope), NoSuchMethod())(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _explained(self, scope: Scope, send: Send) -> Send:
        async def send_explained(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == NoSuchMethod.status:
                MutableHeaders(raw=message["headers"])["Allow"] = self._addresses.allow(scope["path"])
            await send(message)

        return send_explained


async def _head_of(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Send only the head of a GET's answer, and end an answer that would continue (a stream of events)."""
    with anyio.CancelScope() as until_body:

        async def send_head(message: Message) -> None:
            if message["type"] != "http.response.body":
                await send(message)
                return
            await send({"type": "http.response.body", "body": b""})
            if message.get("more_body", False):
                until_body.cancel()

        await app(scope, receive, send_head)
