"""Uploads that hold a connection and send a byte now and then: forms, and chunks of resumable uploads."""

import asyncio
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any, ClassVar

from verify.bench.client import answered, head, located, lost
from verify.bench.raw_client import START, Form
from verify.bench.verdicts import CrowdTally, RequestOutcome
from verify.kit.upload_forms import CONTENT_TYPE

BETWEEN_BYTES = 2.0  # seconds
AT_ONCE = 50  # connections opened concurrently
MOST_OF_EACH = 25  # an account may send 32 uploads at once
RESUMED = 5  # every fifth is resumable: of 25 uploads, as many as an account may have open
LENGTH = 1_000_000
Ready = Callable[[], object]


@dataclass(frozen=True)
class Phases:
    """The moments that slow uploads wait for, and that others wait for."""

    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    opened: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    end: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Dribbles:
    """Slow uploads, with few enough per account that none is refused because of its account."""

    name: ClassVar[str] = "dribbling uploads"
    port: int
    tokens: tuple[str, ...]
    connections: int
    seconds: float

    async def run(self, ready: Ready) -> CrowdTally:
        """Open all connections, report it, and send slowly. Uploads that are not refused hang up at the end."""
        if self.connections > MOST_OF_EACH * len(self.tokens):
            raise ValueError(f"more than {MOST_OF_EACH} uploads of an account")
        tally, phases, requests = CrowdTally(), Phases(), await self._requests()
        async with asyncio.TaskGroup() as group:
            for request in requests:
                group.create_task(self._dribble(request, tally, phases))
            for _ in requests:
                await phases.opened.acquire()
            ready()
            await asyncio.sleep(self.seconds)
            phases.end.set()
        return tally

    async def _requests(self) -> list[bytes]:
        resumed = self.connections // RESUMED
        partial_files = [await self._chunk(token) for token in islice(cycle(self.tokens), resumed)]
        return partial_files + [self._form(token) for token in islice(cycle(self.tokens), self.connections - resumed)]

    async def _chunk(self, token: str) -> bytes:
        known = {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"}
        title = f"title {b64encode(b'Bench').decode()}"
        creation = {"Upload-Length": str(LENGTH), "Upload-Metadata": title, "Content-Length": "0"}
        path = await located(self.port, head("POST", "/api/uploads", known | creation))
        if path is None:
            return self._form(token)
        kind = {"Content-Type": "application/offset+octet-stream", "Content-Length": str(LENGTH)}
        return head("PATCH", path, known | kind | {"Upload-Offset": "0"}) + START

    def _form(self, token: str) -> bytes:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": CONTENT_TYPE, "Content-Length": str(LENGTH)}
        return head("POST", "/api/videos/upload", headers) + Form(Path()).head + START

    async def _dribble(self, request: bytes, tally: CrowdTally, phases: Phases) -> None:
        begun, writer = time.perf_counter(), None
        try:
            try:
                async with phases.turn:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.write(request)
            finally:
                phases.opened.release()
            answer = await _hold(reader, writer, phases.end)
        except (OSError, EOFError) as error:
            answer = lost(error, begun)
        finally:
            if writer is not None:
                writer.transport.abort()
        if answer is None:
            tally.outcomes["held to the end"] += 1
        else:
            tally.add(answer, ())


async def _hold(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, end: asyncio.Event
) -> RequestOutcome | None:
    """Send a byte now and then. Return the answer, or None if the end comes first."""
    answer = asyncio.create_task(answered(reader, time.perf_counter()))
    over = asyncio.create_task(end.wait())
    waiting: set[asyncio.Task[Any]] = {answer, over}
    try:
        while not answer.done() and not over.done():
            writer.write(b"\0")
            await asyncio.wait(waiting, timeout=BETWEEN_BYTES, return_when=asyncio.FIRST_COMPLETED)
        return answer.result() if answer.done() else None
    finally:
        answer.cancel()
        over.cancel()
