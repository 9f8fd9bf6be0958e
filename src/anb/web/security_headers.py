"""Headers that protect browsers from misuse, and the request's id in every log line about it."""

from collections.abc import Mapping

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


_ADDED = "anb.headers"
NOT_MODIFIED = 304


def add_headers(request: Request, headers: Mapping[str, str]) -> None:
    """Add headers to the answer of this request, even if it is a refusal."""
    request.scope.setdefault(_ADDED, {}).update(headers)


class SecurityHeaders:
    """Wraps the application; headers that a response already has are kept."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        added: dict[str, str] = {}
        scope[_ADDED] = added

        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers.update(added)
                # A browser puts the headers of a 304 in the place of those it has: its copy keeps its own.
                if message["status"] != NOT_MODIFIED:
                    for name, value in HEADERS.items():
                        headers.setdefault(name, value)
                # The cache headers of a file that nginx sends are the file's own.
                if scope["path"].startswith("/api/") and "x-accel-redirect" not in headers:
                    headers.setdefault("Cache-Control", "no-store")
                message["headers"] = headers.raw
            await send(message)

        with bound_contextvars(request_id=Headers(scope=scope).get("x-request-id", "")):
            await self._app(scope, receive, send_hardened)
