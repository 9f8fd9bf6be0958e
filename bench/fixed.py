"""An application with one endpoint of our kind (`def`, in the thread pool), which always answers the same JSON."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.to_thread
from fastapi import FastAPI, Response

from anb.cli import serve
from anb.settings import Settings, load

BODY = "ANB_BENCH_BODY"
PATH = "/fixed"


def create() -> FastAPI:
    """Make the application."""
    settings, body = load(Settings), Path(os.environ[BODY]).read_bytes()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.web_threads
        yield

    app = FastAPI(lifespan=lifespan)

    @app.get(PATH)
    def fixed() -> Response:
        return Response(body, media_type="application/json")

    return app


if __name__ == "__main__":
    serve("bench.fixed:create", load(Settings))
