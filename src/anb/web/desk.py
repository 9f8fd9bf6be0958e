"""Bodies on their way in: threads of their own, bounded memory, one batch written while the next arrives."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TypeVar

import anyio
from anyio import BrokenResourceError, CapacityLimiter
from anyio.abc import TaskGroup
from anyio.to_thread import run_sync
from fastapi import Request

from anb.settings import Settings

T = TypeVar("T")

# What is at least handed to a thread at once; one batch is written and hashed while the next arrives. What nginx passes
# on is larger and goes as it comes; joining it cost copies, and 50 uploads of 50 MB at once 120 MB of memory.
BATCH_BYTES = 128 * 1024


class UploadDesk:
    """Threads of its own for uploads, so that a hundred of them never take the threads of everybody else."""

    def __init__(self, settings: Settings) -> None:
        self._writing = CapacityLimiter(4)
        self._noting = CapacityLimiter(2)
        self._judging = CapacityLimiter(settings.probes)

    async def write(self, act: Callable[[], T]) -> T:
        """Run something that writes to the share."""
        return await run_sync(act, limiter=self._writing)

    async def note(self, act: Callable[[], T]) -> T:
        """Run something that only asks the database: no slow share may keep a sign of life waiting."""
        return await run_sync(act, limiter=self._noting)

    async def judge(self, act: Callable[[], T]) -> T:
        """Run something that probes a clip; at most `ANB_PROBES` at once."""
        return await run_sync(act, limiter=self._judging)


@asynccontextmanager
async def together() -> AsyncIterator[TaskGroup]:
    """Run tasks side by side; the first that fails ends the others and is the answer."""
    try:
        async with anyio.create_task_group() as tasks:
            yield tasks
    except BaseExceptionGroup as group:
        cause: BaseException = group
        while isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
        raise cause from None


async def pump(request: Request, feed: Callable[[list[bytes]], None], desk: UploadDesk) -> None:
    """Move a body on: while one batch is written and hashed in a thread, the next one arrives.

    Raises what `feed` raises; ClientDisconnect when the client vanishes, all that came before having been fed.
    """
    arrived, space = anyio.create_memory_object_stream[list[bytes]](max_buffer_size=0)

    async def write_batches() -> None:
        async with space:
            async for batch in space:
                await desk.write(partial(feed, batch))

    async with together() as tasks, arrived:
        tasks.start_soon(write_batches)
        batch: list[bytes] = []
        try:
            async for chunk in request.stream():
                batch.append(chunk)
                if sum(map(len, batch)) >= BATCH_BYTES:
                    await arrived.send(batch)
                    batch = []
        finally:
            if batch and not tasks.cancel_scope.cancel_called:
                with suppress(BrokenResourceError):  # the writer has failed, and what it failed of is the answer
                    await arrived.send(batch)
