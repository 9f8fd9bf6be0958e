"""A load generator with several processes: keep-alive connections, one request at a time on each, minimal parsing."""

import multiprocessing
import selectors
import socket
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

PROCESSES = 2
ENDED = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length: "
CLOSE = b"\r\nconnection: close"


@dataclass(frozen=True)
class Load:
    """The target, the request, and the amount of load."""

    port: int
    path: str
    connections: int = 64
    seconds: float = 4

    @property
    def request(self) -> bytes:
        """Return the request as bytes."""
        return f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode()


@dataclass
class LoadTally:
    """The result of the load."""

    seconds: float = 0
    answers: int = 0
    waits: list[float] = field(default_factory=list)  # seconds from request to answer

    @property
    def rate(self) -> float:
        """Return the answers per second."""
        return self.answers / self.seconds


def drive(load: Load) -> LoadTally:
    """Apply the load. Return the tally of all processes. Raises RuntimeError for an answer that is not 200."""
    shares = [load.connections // PROCESSES] * PROCESSES
    start = time.time() + 1.5  # when every process is running
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        tallies = list(pool.map(_drive, [load] * PROCESSES, shares, [start] * PROCESSES))
    return LoadTally(
        seconds=max(tally.seconds for tally in tallies),
        answers=sum(tally.answers for tally in tallies),
        waits=[wait for tally in tallies for wait in tally.waits],
    )


class _Line:
    """One connection, and the answer it waits for."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._request = load.request
        self.open()

    def open(self) -> None:
        """Connect."""
        self.wire = socket.create_connection(("127.0.0.1", self._load.port), timeout=30)

    def ask(self) -> None:
        """Send the request."""
        self._got, self._needed, self.asked = b"", 0, time.perf_counter()
        self.wire.sendall(self._request)

    def is_answered(self) -> bool:
        """Read the available bytes. Return whether the answer is complete."""
        got = self.wire.recv(256 * 1024)
        if not got:
            raise RuntimeError("the server hung up during an answer")
        self._got = self._got + got if self._got else got
        if not self._needed:
            self._needed = _needed(self._got)
        return 0 < self._needed <= len(self._got)

    def is_last(self) -> bool:
        """Return whether the server closes the connection after this answer: nginx does after a thousand requests."""
        return CLOSE in self._got[:1024].lower()


def _needed(got: bytes) -> int:
    """Return the length of the answer, 0 while its head is incomplete. Raises RuntimeError if it is not a 200."""
    end = got.find(ENDED)
    if end < 0:
        return 0
    if not got.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(got[:end].decode(errors="replace"))
    head = got[: end + 2].lower()
    at = head.index(LENGTH) + len(LENGTH)
    return end + len(ENDED) + int(head[at : head.index(b"\r", at)])


def _drive(load: Load, connections: int, start: float) -> LoadTally:
    lines = [_Line(load) for _ in range(connections)]
    time.sleep(max(start - time.time(), 0))
    tally, begun = LoadTally(), time.perf_counter()
    with selectors.DefaultSelector() as ready:
        for line in lines:
            ready.register(line.wire, selectors.EVENT_READ, line)
            line.ask()
        while (now := time.perf_counter()) < begun + load.seconds:
            for key, _ in ready.select(1):
                _take(key.data, ready, tally, now)
    tally.seconds = time.perf_counter() - begun
    for line in lines:
        line.wire.close()
    return tally


def _take(line: _Line, ready: selectors.BaseSelector, tally: LoadTally, now: float) -> None:
    """Read from a connection, and send the next request if the answer is complete."""
    if not line.is_answered():
        return
    tally.answers += 1
    tally.waits.append(now - line.asked)
    if line.is_last():
        ready.unregister(line.wire)
        line.wire.close()
        line.open()
        ready.register(line.wire, selectors.EVENT_READ, line)
    line.ask()
