"""Request targets: a trailing slash and raw bytes in a query are tolerated, and our own address is determined."""

import re

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from anb.settings.web import WebSettings


class NoTrailingSlash:
    """Wraps the application: an address with a trailing slash equals the one without, for any method.

    A redirect would make clients send a body twice, and some clients drop the token on the way.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on without its trailing slash. The root does not change; nor does a path of slashes only."""
        if scope["type"] == "http" and scope["path"].endswith("/") and (bare := scope["path"].rstrip("/")):
            raw = scope.get("raw_path") or b""
            scope = {**scope, "path": bare, "raw_path": raw.rstrip(b"/")}
        await self._app(scope, receive, send)


class PlainQuery:
    """Wraps the application: raw bytes in a query are treated like escaped ones, which clients should send.

    Granian refuses them (400). Starlette raises UnicodeDecodeError for those that are not UTF-8 when it first reads an
    address.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http" and not scope["query_string"].isascii():
            scope = {**scope, "query_string": _RAW.sub(lambda found: b"%%%02X" % found[0][0], scope["query_string"])}
        await self._app(scope, receive, send)


class PlainPath:
    """Wraps the application: a NUL in an address is treated like a character that no row has.

    PostgreSQL takes a NUL in no text, so each lookup by a word of an address would fail as if it were our fault.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http" and "\0" in scope["path"]:
            scope = {**scope, "path": scope["path"].replace("\0", "\ufffd")}
        await self._app(scope, receive, send)


_RAW = re.compile(rb"[\x80-\xff]")

# A name or an address, and a port: nothing that could end an address, or begin another.
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")


def site_address(request: Request, settings: WebSettings) -> str:
    """Return the beginning of all our absolute addresses.

    It is the public address where one is set, else the host that the request names. A request that names none
    (HTTP/1.0) gets addresses without a host: we know only the socket that we listen on, and its path is private.
    """
    if settings.public_url is not None:
        return str(settings.public_url).rstrip("/")
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host}" if _HOST.fullmatch(host) else ""
