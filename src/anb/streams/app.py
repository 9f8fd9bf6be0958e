"""The streams application: plain ASGI, since a framework costs twice the memory for each stream."""

import asyncio
import re
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from anyio import CapacityLimiter
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from anb import bootstrap
from anb.contest import service as contest
from anb.db.session import Database, connect
from anb.jobs import service as jobs
from anb.jobs.domain import JobStatus
from anb.logs import configure, logger
from anb.ports import Lifetimes
from anb.sessions.check import StoredSessions
from anb.settings import Settings, load_for_web
from anb.streams.door import TooManyStreams, allowed_job
from anb.streams.events import of_job, of_lists
from anb.streams.hub import Hub, Stream
from anb.streams.sending import run_stream
from anb.web.cors import OtherOrigins
from anb.web.problems import OUTAGES, NoSuchMethod, NotHere, ServiceUnavailable, outage, refused
from anb.web.security_headers import HEADERS
from anb.web.targets import PlainQuery

log = logger(__name__)

JOB = re.compile(r"/api/jobs/([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})/events/?", re.IGNORECASE)
LISTS = "/api/public/events"
ALL = "all"  # the only key of the public lists
SESSION_READERS = 4  # sessions read at once
JOB_SECONDS = 1.0
LISTS_SECONDS = 5.0  # lists need no faster updates
FIRST_SECONDS = 5.0  # a stream waits this long for its first value
# The share of all streams that the lists may use: a player who follows an edit finds a place in any crowd of viewers.
LISTS_SHARE = 0.8


class Streams:
    """The application of one process."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings, self.database = settings, database
        self._app = Starlette()  # requests look up the ports in it
        self._app.state.ports = SimpleNamespace(tokens=bootstrap.build_tokens(settings))
        self._app.state.sessions = StoredSessions(database, Lifetimes())  # renews none
        self._app.state.session_readers = CapacityLimiter(SESSION_READERS)
        self._open = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run for the lifetime of the process."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        scope["app"] = self._app
        request = Request(scope, receive)
        try:
            answer = await self._answer(request, send)
        except OUTAGES as error:  # while authenticating; the hubs handle outages of their own reads
            answer = outage(request, error)
        if answer is not None:
            for name, value in HEADERS.items():
                answer.headers.setdefault(name, value)
            await answer(scope, receive, send)

    async def _answer(self, request: Request, send: Send) -> Response | None:
        """Run a stream to its end (None), or return another response."""
        path = request.url.path
        job = JOB.fullmatch(path)
        if path == "/health":
            return JSONResponse({"status": "healthy"})
        if job is None and path.rstrip("/") != LISTS:
            return refused(request, NotHere())
        if request.method not in {"GET", "HEAD"}:
            answer = refused(request, NoSuchMethod())
            answer.headers["Allow"] = "GET, HEAD"
            return answer
        if self._open >= self._settings.stream_most * (LISTS_SHARE if job is None else 1):
            return refused(request, TooManyStreams())
        self._open += 1
        try:
            if job is not None:
                return await self._follow_job(request, send, UUID(job[1]))
            return await self._follow_lists(request, send)
        finally:
            self._open -= 1

    async def _follow_job(self, request: Request, send: Send, job_id: UUID) -> Response | None:
        with self.jobs.watching(job_id) as stream:
            if not await _is_told(stream):
                return refused(request, ServiceUnavailable())
            refusal = await allowed_job(request, self._settings, self.database, stream.value)
            if refusal is not None:
                return refused(request, refusal)
            return await run_stream(request, send, stream, of_job)

    async def _follow_lists(self, request: Request, send: Send) -> Response | None:
        with self.lists.watching(ALL) as stream:
            if not await _is_told(stream):
                return refused(request, ServiceUnavailable())
            return await run_stream(request, send, stream, of_lists)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.jobs: Hub[UUID, JobStatus] = Hub(partial(read_jobs, self.database), JOB_SECONDS)
        self.lists: Hub[str, str] = Hub(partial(_read_lists, self.database), LISTS_SECONDS)
        self._tasks = [asyncio.create_task(hub.run()) for hub in (self.jobs, self.lists)]
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._drain)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self._tasks:
            task.cancel()
        self.database.close()
        await send({"type": "lifespan.shutdown.complete"})

    def _drain(self) -> None:
        """End every stream, then let the server end: otherwise it would wait for them until it is killed.

        Granian handles SIGINT like SIGTERM, whose handler this now is.
        """
        log.info("streams.drain.begun", streams=self._open)
        self.jobs.close()
        self.lists.close()
        asyncio.get_running_loop().call_later(0.2, signal.raise_signal, signal.SIGINT)


async def _is_told(stream: Stream[Any]) -> bool:
    """Wait for a stream's first value; return whether it came in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(FIRST_SECONDS):
            await stream.wait()
    return stream.is_known


def read_jobs(database: Database, ids: Sequence[UUID]) -> Mapping[UUID, JobStatus]:
    """Read the statuses of these jobs in one query."""
    with database.reading() as uow:
        return {status.id: status for status in jobs.statuses(uow, ids)}


def _read_lists(database: Database, _keys: Sequence[str]) -> Mapping[str, str]:
    with database.reading() as uow:
        return {ALL: contest.version(uow)}


def create() -> ASGIApp:
    """Make the application from the environment, to be served behind nginx."""
    settings = load_for_web()
    configure(settings.log_format)
    return wrapped(Streams(settings, connect(settings)), settings)


def wrapped(streams: ASGIApp, settings: Settings) -> ASGIApp:
    """Wrap the streams in the common middleware; only nginx can reach us."""
    streams = PlainQuery(streams)
    if settings.cors_origins:
        streams = OtherOrigins(streams, settings.cors_origins)
    app: ASGIApp = wrap_asgi_with_proxy_headers(streams, trusted_hosts="*")
    return app
