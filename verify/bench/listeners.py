"""Clients of live streams, thousands in one process. Each only records when a message arrives."""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from verify.bench.client import head
from verify.bench.dribbles import Ready
from verify.bench.verdicts import CrowdTally

AT_ONCE = 50  # opened concurrently
STATUS = re.compile(rb"HTTP/1\.1 (\d+)")
PROGRESS = re.compile(rb'"progress":(\d+)')


@dataclass
class ListenerTally(CrowdTally):
    """The messages of all clients: per cent of the edit -> moments (monotonic, the same for all processes)."""

    arrivals: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Listeners:
    """A stream for each path. All are opened before the measurement, and held for a number of seconds."""

    name: ClassVar[str] = "listeners"
    port: int
    paths: tuple[str, ...]
    token: str
    seconds: float

    async def run(self, ready: Ready) -> ListenerTally:
        """Open all streams, report it, and listen."""
        heard, turns = ListenerTally(), asyncio.Semaphore(AT_ONCE)
        ears = [Ear(heard, path, self.token) for path in self.paths]
        await asyncio.gather(*(self._open(ear, turns) for ear in ears))
        ready()
        await asyncio.sleep(self.seconds)
        for ear in ears:
            ear.leave()
        heard.arrivals = dict(heard.arrivals)
        return heard

    async def _open(self, ear: "Ear", turns: asyncio.Semaphore) -> None:
        async with turns:
            await asyncio.get_running_loop().create_connection(lambda: ear, "127.0.0.1", self.port)
            await ear.begun.wait()


class Ear(asyncio.Protocol):
    """One client."""

    def __init__(self, heard: ListenerTally, path: str, token: str) -> None:
        self._heard = heard
        self._request = head("GET", path, {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"})
        self._leave: Callable[[], None] | None = None
        self.begun = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request."""
        if isinstance(transport, asyncio.Transport):
            transport.write(self._request)
            self._leave = transport.abort

    def data_received(self, data: bytes) -> None:
        """Record the received messages and the time."""
        now = time.monotonic()
        if not self.begun.is_set():
            found = STATUS.match(data)
            status = int(found[1]) if found else 0
            (self._heard.outcomes if status == 200 else self._heard.faults)[f"{status}"] += 1
            self.begun.set()
        for progress in PROGRESS.findall(data):
            self._heard.arrivals[int(progress)].append(now)

    def connection_lost(self, exc: Exception | None) -> None:
        """Record a stream that the server ended."""
        if self._leave is not None:
            self._heard.faults[f"cut: {type(exc).__name__}"] += 1
            self.begun.set()

    def leave(self) -> None:
        """Close the connection."""
        if self._leave is not None:
            leave, self._leave = self._leave, None
            leave()
