"""The bad network of the matrix does what it promises, at the exact byte."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

import pytest
from verify.kit.network_faults import NetworkFault
from verify.kit.progress import ByteCounter
from verify.kit.shaping import ShapedNetwork, shaped

from support.waiting import let_time_pass_async

SIZE = 40_000
BODY = bytes(range(256)) * (SIZE // 256) + b"x" * (SIZE % 256)
HEAD = f"POST / HTTP/1.1\r\nContent-Length: {SIZE}\r\n\r\n".encode()
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + b"y" * 200
T = TypeVar("T")


@dataclass
class RecordingServer:
    """Takes a body and answers; records the bytes received, and when."""

    port: int = 0
    came: list[bytes] = field(default_factory=list)
    arrivals: list[tuple[float, int]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        whole = bytearray()
        try:
            while len(whole) < len(HEAD) + SIZE and (data := await reader.read(65536)):
                whole += data
                self.arrivals.append((time.monotonic(), len(whole)))
            self.came.append(bytes(whole))
            if len(whole) == len(HEAD) + SIZE:
                writer.write(REPLY)
                await writer.drain()
                await reader.read()
        except ConnectionError:
            self.came.append(bytes(whole))
        finally:
            writer.close()

    def silence(self) -> float:
        """Return the longest time without a byte."""
        times = [at for at, _ in self.arrivals]
        return max(later - sooner for sooner, later in pairwise(times))


@asynccontextmanager
async def line(event: NetworkFault, rate: int | None = None) -> AsyncIterator[tuple[ShapedNetwork, RecordingServer]]:
    known = RecordingServer()
    server = await asyncio.start_server(known.serve, "127.0.0.1", 0)
    known.port = server.sockets[0].getsockname()[1]
    progress = ByteCounter(SIZE, goes_up=True, is_plain=True)
    async with server, shaped(("127.0.0.1", known.port), rate, event, progress) as made:
        yield made, known


async def send(port: int) -> bytes:
    """Send the request; return the answer, or an empty one if the connection ended without it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(HEAD + BODY)
        await writer.drain()
        return await reader.readexactly(len(REPLY))
    except (ConnectionError, asyncio.IncompleteReadError):
        return b""
    finally:
        writer.close()


def run(
    act: Callable[[ShapedNetwork, RecordingServer], Awaitable[T]], event: NetworkFault, rate: int | None = None
) -> tuple[T, ShapedNetwork, RecordingServer]:
    async def go() -> tuple[T, ShapedNetwork, RecordingServer]:
        async with line(event, rate) as (made, known):
            result = await asyncio.wait_for(act(made, known), 60)
            await let_time_pass_async(0.2, "what still comes after the end would be counted")
        return result, made, known

    return asyncio.run(go())


def once(made: ShapedNetwork, _known: RecordingServer) -> Awaitable[bytes]:
    return send(made.port)


def test_a_slow_line_is_as_slow_as_it_says_and_alters_nothing() -> None:
    begun = time.monotonic()
    answer, made, known = run(once, NetworkFault("nothing"), rate=40_000)
    assert 1 <= time.monotonic() - begun < 20
    assert (answer, known.came) == (REPLY, [HEAD + BODY])
    assert made.progress.passed == len(HEAD) + SIZE


@pytest.mark.parametrize("place", ["start", "middle", "last"])
def test_a_stall_is_a_silence_at_its_place_and_then_it_goes_on(place: str) -> None:
    answer, made, known = run(once, NetworkFault("stall", place, 1.5))  # type: ignore[arg-type]
    assert made.progress.struck
    assert (answer, known.came) == (REPLY, [HEAD + BODY])
    assert known.silence() >= 1.4
    before = max(
        (size for at, size in known.arrivals if any(later - at >= 1.4 for later, _ in _next(known, at))), default=0
    )
    expected = {"start": len(HEAD), "middle": SIZE // 2, "last": len(HEAD) + SIZE - 1}[place]
    assert abs(before - expected) <= 1


def _next(known: RecordingServer, at: float) -> list[tuple[float, int]]:
    return [arrival for arrival in known.arrivals if arrival[0] > at][:1]


def test_a_cut_ends_both_ends_at_its_byte_and_the_next_connection_passes() -> None:
    async def twice(made: ShapedNetwork, _known: RecordingServer) -> tuple[bytes, bytes]:
        return await send(made.port), await send(made.port)

    answers, _, known = run(twice, NetworkFault("reset", "middle"))
    assert answers == (b"", REPLY)
    assert len(known.came[0]) <= SIZE // 2
    assert known.came[1] == HEAD + BODY


def test_a_lost_reply_is_of_a_request_that_came_whole() -> None:
    answer, _, known = run(once, NetworkFault("lost-reply", "last"))
    assert answer == b""
    assert known.came[0] == HEAD + BODY


def test_a_black_hole_ends_for_the_client_and_not_for_the_server() -> None:
    async def strike(made: ShapedNetwork, known: RecordingServer) -> tuple[bytes, int]:
        return await send(made.port), len(known.came)

    (answer, ended), _, _ = run(strike, NetworkFault("blackhole", "middle", 0.5))
    assert (answer, ended) == (b"", 0)


def test_one_byte_at_a_time_is_many_arrivals() -> None:
    answer, _, known = run(once, NetworkFault("one-byte"))
    assert (answer, known.came) == (REPLY, [HEAD + BODY])
    assert len(known.arrivals) > 100
