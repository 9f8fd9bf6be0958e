"""A bad network on one machine: a TCP proxy between a client and a server, with asyncio and plain sockets.

The kernel here has no netem, and a proxy can do what netem cannot: act at a certain byte of a client's body. With TLS,
it shapes the encrypted bytes.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from verify.kit.connection import Connection
from verify.kit.network_faults import NetworkFault
from verify.kit.progress import SILENCE, ByteCounter

CHUNK = 16 * 1024
TICKS = 20  # chunks per second on a slow network
ONE_BYTE_MOST = 20_000  # of a longer body, the rest passes unsplit: a million single bytes would test this machine
LOST_REPLY_BYTES = 100  # more than HTTP/2's housekeeping, less than any answer
LOST_REPLY_SECONDS = 20.0


class ShapedNetwork:
    """The network of one cell: every connection of its client passes through it."""

    def __init__(self, server: tuple[str, int], rate: int | None, event: NetworkFault, progress: ByteCounter) -> None:
        self._server, self._rate, self._event = server, rate, event
        self.progress = progress
        self.connections: list[Connection] = []  # every connection so far
        self._tasks: set[asyncio.Task[None]] = set()
        self._free_at = 0.0  # when the network accepts the next byte
        self._light = asyncio.Event()  # while it is not set, no byte passes
        self._light.set()
        self._loses = False  # drop the server's bytes
        self._lost = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0)
        self.port: int = self._listener.getsockname()[1]

    async def serve(self) -> None:
        """Accept connections until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(self._listener)
            connection = Connection(client)
            self.connections.append(connection)
            self._start(self._connect(connection))

    async def close(self) -> None:
        """Close everything, including dangling connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._listener.close()
        for connection in self.connections:
            connection.client.close()
            connection.server.close()

    async def _connect(self, connection: Connection) -> None:
        await asyncio.get_running_loop().sock_connect(connection.server, self._server)
        if self._event.kind == "lost-reply" and self._event.place == "start" and not self.progress.struck:
            self.progress.struck = self._loses = True
        connection.tasks += [
            self._start(self._carry(connection, goes_up=True)),
            self._start(self._carry(connection, goes_up=False)),
        ]

    async def _carry(self, connection: Connection, *, goes_up: bool) -> None:
        """Copy bytes until their source ends or either end breaks."""
        ends = (connection.client, connection.server)
        source, target = ends if goes_up else reversed(ends)
        try:
            async for data in self._read(source, watched=goes_up == self.progress.goes_up):
                if self._loses and not goes_up:
                    await self._lose(data)
                else:
                    await self._pass(data, target)
                    self.progress.count(len(data), goes_up=goes_up)
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)
        except OSError:
            await connection.reset(server_too=self._light.is_set())

    async def _read(self, source: socket.socket, *, watched: bool) -> AsyncIterator[bytes]:
        """Yield the bytes read. In the watched direction, the fault happens at its byte."""
        loop, chunk = asyncio.get_running_loop(), self._chunk()
        while data := await loop.sock_recv(source, chunk):
            if not watched or self.progress.struck or not self._event.has_place:
                yield data
                continue
            async for part in self._until_struck(source, data):
                yield part

    async def _until_struck(self, source: socket.socket, data: bytes) -> AsyncIterator[bytes]:
        """Yield the bytes before the fault, let it happen, then yield the rest."""
        loop, place = asyncio.get_running_loop(), self._event.place
        while place == "last" and self.progress.nears_the_end(len(data)):
            if len(data) > 1:
                yield data[:-1]  # hold the last byte back until a silence shows that it is the last
                data = data[-1:]
            try:
                more = await asyncio.wait_for(loop.sock_recv(source, self._chunk()), SILENCE)
            except TimeoutError:
                break
            if not more:
                break
            data += more
        at = self.progress.strikes_at(data, place)
        if at is None:
            yield data
            return
        if at:
            yield data[:at]
        self.progress.struck = True
        if self._event.kind in {"lost-reply", "half-close"}:
            self._loses = self._event.kind == "lost-reply"
            yield data[at:]
            await self._strike()
        else:
            await self._strike()
            yield data[at:]

    async def _strike(self) -> None:
        kind = self._event.kind
        if kind == "stall":
            await asyncio.sleep(self._event.seconds)
        elif kind == "half-close":
            for connection in self.connections:
                connection.half_close()
        elif kind == "lost-reply":
            await asyncio.sleep(LOST_REPLY_SECONDS)  # `_lose` cuts sooner, once there is a reply
        else:
            await self._break(kind)

    async def _break(self, kind: str) -> None:
        """End every connection. Raises ConnectionError, because the caller's is among them."""
        if kind == "blackhole":
            self._light.clear()
            await asyncio.sleep(self._event.seconds)
        for connection in self.connections:
            if kind == "finish":
                connection.finish()
            else:
                # After a black hole the client has another network, and the server does not know it.
                await connection.reset(server_too=kind != "blackhole")
        self._light.set()
        raise asyncio.CancelledError

    async def _lose(self, data: bytes) -> None:
        self._lost += len(data)
        if self._lost >= LOST_REPLY_BYTES:
            self._loses = False
            await self._break("reset")

    async def _pass(self, data: bytes, target: socket.socket) -> None:
        """Pass bytes on at the network's rate."""
        loop = asyncio.get_running_loop()
        if self._event.kind == "one-byte" and self.progress.passed < ONE_BYTE_MOST:
            for number in range(len(data)):
                await loop.sock_sendall(target, data[number : number + 1])
                await asyncio.sleep(0)
            return
        await self._light.wait()
        await loop.sock_sendall(target, data)
        if self._rate is not None:
            self._free_at = max(self._free_at, loop.time()) + len(data) / self._rate
            await asyncio.sleep(self._free_at - loop.time())

    def _chunk(self) -> int:
        return CHUNK if self._rate is None else min(CHUNK, self._rate // TICKS)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


@asynccontextmanager
async def shaped(
    server: tuple[str, int], rate: int | None, event: NetworkFault, progress: ByteCounter
) -> AsyncIterator[ShapedNetwork]:
    """Run the network of one cell."""
    line = ShapedNetwork(server, rate, event, progress)
    accepting = asyncio.get_running_loop().create_task(line.serve())
    try:
        yield line
    finally:
        accepting.cancel()
        await line.close()
