"""One request on its own connection, with as little overhead as asyncio allows."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from verify.bench.verdicts import PATIENCE, REFUSED, RequestOutcome

ENDED = b"\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def head(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    """Return the head of a request that closes the connection after the answer."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()


def post(path: str, body: bytes = b"", **headers: str) -> bytes:
    """Return a complete request with a JSON body, or without one."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return head("POST", path, {"Content-Type": "application/json", "Content-Length": str(len(body)), **named}) + body


async def ask(port: int, request: bytes, since: float | None = None) -> RequestOutcome:
    """Send a request. Return its answer, timed from `since`: the moment it was due, not when this process sent it."""
    begun = time.perf_counter() if since is None else since
    try:
        async with asyncio.timeout(PATIENCE), connected(port) as (reader, writer):
            writer.write(request)
            return await answered(reader, begun)
    except (OSError, EOFError, TimeoutError) as error:
        return lost(error, begun)


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Wire]:
    """Open a connection, and abort it at the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()  # do not wait for a graceful close


async def answered(reader: asyncio.StreamReader, since: float) -> RequestOutcome:
    """Wait for the whole answer. Raises EOFError if the server hangs up before its end."""
    answer_head = (await reader.readuntil(ENDED)).decode("latin-1").lower()
    status, headers = (
        int(answer_head.split()[1]),
        dict(line.partition(": ")[::2] for line in answer_head.split("\r\n")[1:]),
    )
    if "content-length" in headers:
        await reader.readexactly(int(headers["content-length"]))
    elif not (body := await reader.read()).endswith(LAST_CHUNK):
        raise asyncio.IncompleteReadError(body[-20:], None)
    return RequestOutcome(status, time.perf_counter() - since, "retry-after" in headers)


async def located(port: int, request: bytes) -> str | None:
    """Send a request that creates something. Return the path of the result, or None if the server is too busy.

    Raises RuntimeError for any other answer.
    """
    async with asyncio.timeout(PATIENCE), connected(port) as (reader, writer):
        writer.write(request)
        answer_head = (await reader.readuntil(ENDED)).decode("latin-1")
    place = [line[10:] for line in answer_head.split("\r\n") if line.lower().startswith("location: ")]
    if not place and int(answer_head.split()[1]) not in REFUSED:
        raise RuntimeError(answer_head)
    return urlsplit(place[0]).path if place else None


def lost(error: BaseException, since: float) -> RequestOutcome:
    """Return the outcome of a request without an answer."""
    return RequestOutcome(0, time.perf_counter() - since, cause=type(error).__name__)
