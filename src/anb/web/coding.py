"""Request bodies must not be encoded: content codings are refused, and the client is told (RFC 9110, 15.5.16)."""

from typing import ClassVar

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from anb.errors import Refusal
from anb.web.problems import answered


class UnknownCoding(Refusal):
    """The body is compressed or otherwise encoded (`Content-Encoding`)."""

    status: ClassVar[int] = 415
    code: ClassVar[str] = "unknown-coding"


class PlainBodies:
    """Wraps the application and refuses an encoded body before reading any of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and _codings(Headers(scope=scope)) - {"", "identity"}:
            answer = answered(Request(scope), UnknownCoding())
            answer.headers["Accept-Encoding"] = "identity"
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _codings(headers: Headers) -> set[str]:
    return {name.strip().lower() for value in headers.getlist("content-encoding") for name in value.split(",")}
