"""Builds the FastAPI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread
from fastapi import FastAPI
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.types import ASGIApp

from anb import bootstrap
from anb.accounts.api import router as accounts
from anb.contest.api import router as contest
from anb.db.session import connect
from anb.logs import configure
from anb.operators.api import router as operators
from anb.operators.health import router as health
from anb.pages import install as install_pages
from anb.settings import Settings, load
from anb.uploads.api import router as uploads
from anb.videos.api import router as videos
from anb.videos.files import router as files
from anb.web import openapi, problems
from anb.web.desk import UploadDesk
from anb.web.drain import Drain
from anb.web.harden import Harden

READERS = 2  # long lists read at once
DESCRIPTION = """\
The platform of a national basketball talent contest: upload a clip, follow its edit, vote, rank.

Every refusal is a problem document (RFC 9457) whose `detail` people can read, in Spanish or, by `Accept-Language`,
English; `code` is for programs. Lists are bare arrays; the next page is in the `Link` header.
"""


def build(settings: Settings) -> FastAPI:
    """Make the application of one process."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.web_threads
        yield
        app.state.database.close()

    app = FastAPI(
        title="ANB Rising Stars",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # our own page at /api/docs: the usual one loads scripts of third parties
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.ports = bootstrap.build_ports(settings)
    app.state.database = connect(settings)
    app.state.turns = anyio.Semaphore(app.state.database.transactions)
    app.state.readers = anyio.CapacityLimiter(READERS)
    app.state.upload_desk = UploadDesk(settings)
    problems.install(app)
    # What is asked most comes first: they are tried in turn.
    for router in (contest, files, health, accounts, videos, uploads, operators):
        app.include_router(router)
    install_pages(app)
    app.add_middleware(Harden)
    app.add_middleware(Drain)
    app.openapi = lambda: openapi.describe(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app


def create() -> ASGIApp:
    """Make the application from the environment, for a web server that sits behind nginx."""
    settings = load(Settings)
    configure(settings.log_format)
    # nginx is the only one who can reach us, and it sets these headers itself.
    app: ASGIApp = wrap_asgi_with_proxy_headers(build(settings), trusted_hosts="*")
    return app
