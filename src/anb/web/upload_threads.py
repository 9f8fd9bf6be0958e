"""Receive request bodies: threads of their own, bounded memory, one batch written while the next arrives."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

import anyio
from anyio import CapacityLimiter
from anyio.abc import TaskGroup
from anyio.to_thread import run_sync
from fastapi import Request
from starlette.requests import ClientDisconnect

from anb.errors import Refusal
from anb.settings import Settings
from anb.web.pace import Pace, TookTooLong, TooSlow

T = TypeVar("T")

# The least that is handed to a thread at once; one batch is written and hashed while the next arrives. nginx passes on
# larger pieces, which are not joined: joining cost copies, and 120 MB of memory for 50 uploads of 50 MB at once.
BATCH_BYTES = 128 * 1024
BATCH_SECONDS = 0.5  # a batch that does not fill up in this time is handed over as it is


class UploadThreads:
    """Separate threads for uploads, so that a hundred uploads never use up the threads of other requests."""

    def __init__(self, settings: Settings) -> None:
        self._io = CapacityLimiter(4)
        self._db = CapacityLimiter(2)
        self._probe = CapacityLimiter(settings.probes)
        self.settings = settings
        self.batch_seconds = min(BATCH_SECONDS, settings.upload_lease_seconds / 10)  # several times within a lease

    async def io(self, act: Callable[[], T]) -> T:
        """Run a function that writes to the share."""
        return await run_sync(act, limiter=self._io)

    async def db(self, act: Callable[[], T]) -> T:
        """Run a function that only uses the database: a slow share must not delay a lease's renewal."""
        return await run_sync(act, limiter=self._db)

    async def probe(self, act: Callable[[], T]) -> T:
        """Run a function that probes a clip; at most `ANB_PROBES` at once."""
        return await run_sync(act, limiter=self._probe)


@asynccontextmanager
async def together() -> AsyncIterator[TaskGroup]:
    """Run tasks concurrently; the first that fails ends the others, and its exception is raised."""
    try:
        async with anyio.create_task_group() as tasks:
            yield tasks
    except BaseExceptionGroup as group:
        cause: BaseException = group
        while isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
        raise cause from None


async def pump(request: Request, feed: Callable[[list[bytes]], None], threads: UploadThreads) -> None:
    """Receive a body: while one batch is written and hashed in a thread, the next one arrives.

    Raises what `feed` raises; ClientDisconnect when the client vanishes, TooSlow or TookTooLong when it only holds its
    connection. The bytes received before are fed first.
    """
    batches, pace = Batches(threads.batch_seconds), Pace(threads.settings)
    gone: ClientDisconnect | Refusal | None = None

    async def write_batches() -> None:
        while batch := await batches.take():
            await threads.io(partial(feed, batch))

    async def read() -> None:
        async for chunk in request.stream():
            pace.came(len(chunk))
            if await batches.put(chunk):
                pace.wait_for_us()

    async with together() as tasks:
        tasks.start_soon(write_batches)
        try:
            async with together() as watched:
                watched.start_soon(pace.watch)
                await read()
                watched.cancel_scope.cancel()
        except (ClientDisconnect, TooSlow, TookTooLong) as error:
            gone = error  # raised here, it would cancel the writing of earlier bytes
        batches.end()
    if gone is not None:
        raise gone


class Batches:
    """Bytes between their arrival and their writing: at most one batch, given out once it is full or overdue.

    A slow connection must neither look silent nor lose its bytes.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._batch: list[bytes] = []
        self._size = 0
        self._is_over = False
        self._begun, self._full, self._taken = anyio.Event(), anyio.Event(), anyio.Event()

    async def put(self, chunk: bytes) -> bool:
        """Add received bytes; wait while a full batch has not been taken, and return whether it waited."""
        self._batch.append(chunk)
        self._size += len(chunk)
        self._begun.set()
        if self._size < BATCH_BYTES:
            return False
        self._full.set()
        await self._taken.wait()
        return True

    def end(self) -> None:
        """End the batches: no more bytes will come."""
        self._is_over = True
        self._begun.set()
        self._full.set()

    async def take(self) -> list[bytes]:
        """Wait for the next batch and return it; it is empty at the end."""
        await self._begun.wait()
        with anyio.move_on_after(self._seconds):
            await self._full.wait()
        batch, self._batch, self._size = self._batch, [], 0
        self._taken.set()
        if not self._is_over:
            self._begun, self._full, self._taken = anyio.Event(), anyio.Event(), anyio.Event()
        return batch
