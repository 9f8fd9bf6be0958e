"""The values that all streams of a process watch, read from the database once for all of them."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from sqlalchemy.exc import SQLAlchemyError

from anb.logs import logger

log = logger(__name__)

K = TypeVar("K")
V = TypeVar("V")

GATHER_SECONDS = 0.05  # new streams within this time are looked up together
HEARTBEAT_SECONDS = 15.0  # of silence, after which a stream sends a comment


class Stream(Generic[V]):
    """One client's stream: it has the latest value, and skips earlier ones while the client is slow."""

    __slots__ = ("_woken", "is_closing", "is_known", "spoke_at", "value")

    def __init__(self) -> None:
        self.value: V | None = None
        self.is_known = False  # whether the value was looked up, even if none was found
        self.is_closing = False
        self.spoke_at = time.monotonic()
        self._woken = asyncio.Event()

    def offer(self, value: V | None) -> None:
        """Set a new value."""
        self.value, self.is_known = value, True
        self._woken.set()

    def close(self) -> None:
        """End the stream: the client has left, or this process is told to stop."""
        self.is_closing = True
        self._woken.set()

    def wake(self) -> None:
        """Send something, because a silent connection may be dead."""
        self._woken.set()

    async def wait(self) -> None:
        """Wait for a value, a heartbeat or the end."""
        await self._woken.wait()
        self._woken.clear()


class Hub(Generic[K, V]):
    """Values by key, which streams watch: read together every `seconds`, and passed on where they changed."""

    def __init__(self, read: Callable[[Sequence[K]], Mapping[K, V]], seconds: float) -> None:
        self._read = read
        self._seconds = seconds
        self._streams: dict[K, set[Stream[V]]] = {}
        self._values: dict[K, V | None] = {}
        self._fresh: set[K] = set()
        self._newcomers = asyncio.Event()
        self._reader = CapacityLimiter(1)

    @contextmanager
    def watching(self, key: K) -> Iterator[Stream[V]]:
        """Watch one key while the block runs."""
        stream: Stream[V] = Stream()
        self._streams.setdefault(key, set()).add(stream)
        if key in self._values:
            stream.offer(self._values[key])
        else:
            self._fresh.add(key)
            self._newcomers.set()
        try:
            yield stream
        finally:
            streams = self._streams[key]
            streams.discard(stream)
            if not streams:
                del self._streams[key]
                self._values.pop(key, None)
                self._fresh.discard(key)

    async def run(self) -> None:
        """Read forever: watched keys every few seconds, new ones at once."""
        while True:
            begun = time.monotonic()
            await self._look(list(self._streams))
            self._beat(time.monotonic())
            while (left := begun + self._seconds - time.monotonic()) > 0:
                await self._look_at_newcomers(left)

    def close(self) -> None:
        """End every stream."""
        for stream in [stream for streams in self._streams.values() for stream in streams]:
            stream.close()

    async def _look_at_newcomers(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._newcomers.wait()
        except TimeoutError:
            return
        await asyncio.sleep(GATHER_SECONDS)
        self._newcomers.clear()
        await self._look(list(self._fresh))

    async def _look(self, keys: list[K]) -> None:
        if not keys:
            return
        try:
            found = await run_sync(self._read, keys, limiter=self._reader)
        except SQLAlchemyError as error:
            log.warning("streams.look.failed", error=repr(error))
            await asyncio.sleep(min(self._seconds, 1))
            return
        for key in keys:
            self._tell(key, found.get(key))

    def _tell(self, key: K, value: V | None) -> None:
        streams = self._streams.get(key)
        if streams is None:  # the last stream left meanwhile
            return
        is_new = key not in self._values or self._values[key] != value
        self._values[key] = value
        self._fresh.discard(key)
        for stream in streams:
            if is_new or not stream.is_known:
                stream.offer(value)

    def _beat(self, now: float) -> None:
        for streams in self._streams.values():
            for stream in streams:
                if now - stream.spoke_at >= HEARTBEAT_SECONDS:
                    stream.wake()
