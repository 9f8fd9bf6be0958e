"""Conditional requests (RFC 9110, 13): shared answers carry a version, and unchanged ones are not sent again."""

from hashlib import sha256

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OK, NOT_MODIFIED = 200, 304
# The headers of a 304; for the others the client uses its copy.
_KEPT = frozenset({"cache-control", "content-location", "date", "etag", "expires", "vary", "link", "x-total-count"})


class Validators:
    """Wraps the application: answers that are public, complete and small enough for memory get an `ETag`.

    It is weak, because nginx may compress the answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; answer 304 where nothing changed."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        known, held = Headers(scope=scope).get("if-none-match", ""), list[Message]()

        async def send_valid(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_shared(message):
                held.append(message)
                return
            if held:
                start = held.pop()
                if not message.get("more_body", False):
                    start, message = _valid(start, message, known)
                await send(start)
            await send(message)

        await self._app(scope, receive, send_valid)


def tag_of(version: str) -> str:
    """Return the validator of an answer that is the same while a version is, whatever is in it."""
    return f'W/"{version}"'


def unchanged(request: Request, tag: str) -> Response | None:
    """Return a 304 if the client has the answer with this validator, so that nothing needs to be read for it."""
    if not _has(request.headers.get("if-none-match", ""), tag):
        return None
    return Response(status_code=NOT_MODIFIED, headers={"ETag": tag})


def _is_shared(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return start["status"] == OK and "public" in headers.get("cache-control", "") and "etag" not in headers


def _valid(start: Message, body: Message, known: str) -> tuple[Message, Message]:
    """Return an answer with its validator, or a 304 if the client has it."""
    headers = MutableHeaders(raw=list(start["headers"]))
    about = b"\0".join(value.encode() for name in ("link", "x-total-count") for value in headers.getlist(name))
    headers["ETag"] = f'W/"{sha256(body.get("body", b"") + about).hexdigest()[:32]}"'
    if not _has(known, headers["ETag"]):
        return {**start, "headers": headers.raw}, body
    kept = [(name, value) for name, value in headers.raw if name.decode().lower() in _KEPT]
    return {**start, "status": NOT_MODIFIED, "headers": kept}, {**body, "body": b""}


def _has(known: str, tag: str) -> bool:
    """Compare weakly, as GET does."""
    return known.strip() == "*" or tag.removeprefix("W/") in {
        one.strip().removeprefix("W/") for one in known.split(",")
    }
