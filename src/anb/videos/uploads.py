"""An upload on its way in: bounded memory, one write, and nothing left of what does not arrive whole."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple, TypeVar

import anyio
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Request

from anb.errors import Bilingual
from anb.ports import Ports, Receiving
from anb.settings import UPLOAD_OVERHEAD_BYTES, Settings
from anb.videos.domain import NoRoom, TooManyBytes
from anb.videos.form import FILE_FIELD, TITLE_FIELD, UploadForm
from anb.web.problems import MESSAGES, InvalidField

T = TypeVar("T")

# What is at least handed to a thread at once; one batch is written and hashed while the next arrives. What nginx passes
# on is larger and goes as it comes; joining it cost copies, and 50 uploads of 50 MB at once 120 MB of memory.
BATCH_BYTES = 128 * 1024
TITLE_LENGTH = 120


class Received(NamedTuple):
    """A form that arrived whole: its file, not yet judged, and its title."""

    file: Receiving
    title: str


class UploadDesk:
    """Threads of its own for uploads, so that a hundred of them never take the threads of everybody else."""

    def __init__(self, settings: Settings) -> None:
        self._writing = CapacityLimiter(4)
        self._judging = CapacityLimiter(settings.probes)

    async def write(self, act: Callable[[], T]) -> T:
        """Run something that writes to the share."""
        return await run_sync(act, limiter=self._writing)

    async def judge(self, act: Callable[[], T]) -> T:
        """Run something that probes a clip; at most `ANB_PROBES` at once."""
        return await run_sync(act, limiter=self._judging)


@asynccontextmanager
async def receive(request: Request, desk: UploadDesk, ports: Ports, settings: Settings) -> AsyncIterator[Received]:
    """Read the form of an upload; whatever ends the block, a file that was not kept is gone after it.

    Raises NoRoom, TooManyBytes, IncompleteUpload, InvalidField; ClientDisconnect when the client vanishes.
    """
    length = _announced(request, settings)
    if await desk.write(ports.media.free_bytes) < settings.free_bytes_floor + length:
        raise NoRoom
    file = await desk.write(ports.media.receive)
    try:
        form = UploadForm(request.headers.get("content-type", ""), length or None, file, settings.upload_max_bytes)
        await _pump(request, form, desk)
        yield Received(file, _title(form.end(), has_file=form.has_file))
    finally:
        with anyio.CancelScope(shield=True):
            await desk.write(file.discard)


def _announced(request: Request, settings: Settings) -> int:
    """Return how long the body says it is (0 when it does not say). Raises TooManyBytes before a byte is read."""
    length = int(request.headers.get("content-length", "0"))
    if length > settings.upload_max_bytes + UPLOAD_OVERHEAD_BYTES:
        raise TooManyBytes(limit=settings.upload_max_bytes // (1024 * 1024))
    return length


async def _pump(request: Request, form: UploadForm, desk: UploadDesk) -> None:
    """Move the body into the form: while one batch is written and hashed in a thread, the next one arrives."""
    arrived, space = anyio.create_memory_object_stream[list[bytes]](max_buffer_size=0)

    async def write_batches() -> None:
        async with space:
            async for batch in space:
                await desk.write(partial(_feed, form, batch))

    async def read_batches() -> None:
        async with arrived:
            batch: list[bytes] = []
            async for chunk in request.stream():
                batch.append(chunk)
                if sum(map(len, batch)) >= BATCH_BYTES:
                    await arrived.send(batch)
                    batch = []
            if batch:
                await arrived.send(batch)

    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(write_batches)
            tasks.start_soon(read_batches)
    except BaseExceptionGroup as group:
        # A refusal ends the reader with it, and a vanished client the writer: the first cause is the answer.
        raise group.exceptions[0] from None


def _feed(form: UploadForm, batch: list[bytes]) -> None:
    for chunk in filter(None, batch):  # the last of a body may be empty
        form.feed(chunk)


def _title(text: str | None, *, has_file: bool) -> str:
    """Check the small fields. Raises InvalidField, which names them."""
    title = " ".join((text or "").split())
    findings = {}
    if not has_file:
        findings[FILE_FIELD] = MESSAGES["missing"]
    if text is None:
        findings[TITLE_FIELD] = MESSAGES["missing"]
    elif not title or not title.isprintable():
        findings[TITLE_FIELD] = MESSAGES["blank"]
    elif len(title) > TITLE_LENGTH:
        findings[TITLE_FIELD] = Bilingual(
            f"Demasiado largo: máximo {TITLE_LENGTH}.", f"At most {TITLE_LENGTH} letters."
        )
    if findings:
        raise InvalidField(findings)
    return title
