"""Answers given before the whole body came: the rest is read and dropped, or the answer would be lost."""

from http import HTTPStatus

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A client behind nginx ends earlier: nginx closes our connection as soon as it has our answer.
DRAIN_SECONDS = 10


class DrainBody:
    """Wraps the application.

    A server that closes a connection before reading the request to its end sends a reset, which destroys the answer:
    nginx saw 502 instead of our 401 on four of five uploads of 2 MB without a token.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, then read the rest of its body."""
        if scope["type"] != "http" or not _has_body(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        ended = False

        async def receive_watched() -> Message:
            nonlocal ended
            message = await receive()
            ended = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def send_last(message: Message) -> None:
            # After a timeout the end of the request on the connection is unknown (RFC 9110, 15.5.9).
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.REQUEST_TIMEOUT:
                MutableHeaders(raw=message["headers"])["Connection"] = "close"
            await send(message)

        await self._app(scope, receive_watched, send_last)
        with anyio.move_on_after(DRAIN_SECONDS):
            while not ended:
                await receive_watched()


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
