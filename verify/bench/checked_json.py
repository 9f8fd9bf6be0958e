"""The platform's application with two endpoints of constant JSON: one for all, one for callers who are signed in."""

from fastapi import Response
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.types import ASGIApp

from anb.app import build
from anb.cli.serve import serve
from anb.settings import Settings, load
from anb.web.deps import CallerDep

FIXED, CHECKED = "/fixed", "/checked"
BODY = b'{"status":"ok"}'


def create() -> ASGIApp:
    """Return the platform's application with two further endpoints, matched before all others."""
    app = build(load(Settings))

    @app.get(FIXED)
    async def fixed() -> Response:
        return Response(BODY, media_type="application/json")

    @app.get(CHECKED)
    async def checked(_caller: CallerDep) -> Response:
        return Response(BODY, media_type="application/json")

    for _ in range(2):
        app.router.routes.insert(0, app.router.routes.pop())
    wrapped: ASGIApp = wrap_asgi_with_proxy_headers(app, trusted_hosts="*")
    return wrapped


if __name__ == "__main__":
    serve("verify.bench.checked_json:create", load(Settings))
