"""The peer of the streams: the same hub and events, sent with Starlette's StreamingResponse."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from anb.cli.serve import serve
from anb.db.session import connect
from anb.jobs.domain import JobStatus
from anb.settings import Settings, load
from anb.streams.app import JOB_SECONDS, read_jobs
from anb.streams.events import HEARTBEAT, of_job, opening
from anb.streams.hub import Hub
from anb.streams.sending import STREAM_HEADERS


def create() -> Starlette:
    """Return the application. It does not authenticate, which happens only once per stream."""
    database = connect(load(Settings))
    hub: Hub[UUID, JobStatus] = Hub(partial(read_jobs, database), JOB_SECONDS)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        running = asyncio.create_task(hub.run())
        yield
        running.cancel()
        database.close()

    async def events(job_id: UUID) -> AsyncIterator[bytes]:
        yield opening()
        with hub.watching(job_id) as stream:
            last_id = ""
            while True:
                await stream.wait()
                if stream.value is None:
                    return
                event = of_job(stream.value)
                stream.spoke_at = time.monotonic()
                yield HEARTBEAT if event.id == last_id else event.encode()
                last_id = event.id

    async def follow(request: Request) -> Response:
        return StreamingResponse(events(request.path_params["job"]), headers=STREAM_HEADERS)

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "healthy"})

    return Starlette(routes=[Route("/api/jobs/{job:uuid}/events", follow), Route("/health", live)], lifespan=lifespan)


if __name__ == "__main__":
    serve("verify.bench.stream_peer:create", load(Settings), name="peer")
