"""The platform's application with an endpoint like the list's (`def`, in the thread pool): constant JSON."""

import os
from pathlib import Path

from fastapi import Response
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.types import ASGIApp

from anb.app import build
from anb.cli.serve import serve
from anb.settings import Settings, load

BODY = "ANB_BENCH_BODY"
PATH = "/fixed"


def create() -> ASGIApp:
    """Return the platform's application with one further endpoint, matched before all others."""
    settings, body = load(Settings), Path(os.environ[BODY]).read_bytes()
    app = build(settings)

    @app.get(PATH)
    def fixed() -> Response:
        return Response(body, media_type="application/json")

    app.router.routes.insert(0, app.router.routes.pop())
    wrapped: ASGIApp = wrap_asgi_with_proxy_headers(app, trusted_hosts="*")
    return wrapped


if __name__ == "__main__":
    serve("verify.bench.fixed_json:create", load(Settings))
