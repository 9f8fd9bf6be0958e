"""CORS: pages of other sites that an operator names may use the API, with a token and never with our cookie."""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

# How long a browser may cache the answer to a preflight (seconds); browsers have a limit of their own.
ASKED_AGAIN_AFTER = 7200
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# Headers that such a page may send, besides those that any page may.
SENT = (
    "Authorization", "Challenge-Solution", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID",
    "Tus-Resumable", "Upload-Checksum", "Upload-Concat", "Upload-Length", "Upload-Metadata", "Upload-Offset",
    "X-HTTP-Method-Override", "X-Requested-With",
)  # fmt: skip
# Headers that its script may read: for paging, tus, limits and errors.
READ = (
    "Anb-Task-Id", "Anb-Video-Id", "Allow", "Content-Length", "Content-Range", "ETag", "Link", "Location", "RateLimit",
    "RateLimit-Policy", "Retry-After", "Tus-Checksum-Algorithm", "Tus-Extension", "Tus-Max-Size", "Tus-Resumable",
    "Tus-Version", "Upload-Expires", "Upload-Length", "Upload-Metadata", "Upload-Offset", "X-Request-Id",
    "X-Total-Count",
)  # fmt: skip


class OtherOrigins:
    """Wraps the application: Starlette's own middleware around the API, and nothing around the pages.

    Other sites get no cookies (no `Access-Control-Allow-Credentials`): a cookie, which the browser adds, proves nothing
    about the page that sends the request.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=METHODS,
            allow_headers=SENT,
            expose_headers=READ,
            max_age=ASKED_AGAIN_AFTER,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        await self._open(scope, receive, send)
