"""A load generator with several processes: keep-alive connections, one request at a time on each, minimal parsing."""

import multiprocessing
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat

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
    # Requests a second that are due whatever the answers take, and waits count from then. 0: each connection asks again
    # once it was answered.
    rate: float = 0

    @property
    def request(self) -> bytes:
        """Return the request as bytes."""
        return f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n\r\n".encode()

    def requests(self, share: int) -> Iterator[bytes]:
        """Return the requests of one of the processes."""
        del share
        return repeat(self.request)


@dataclass(frozen=True)
class VoteLoad(Load):
    """Votes: each of these people for each of these clips, in turns, so that no two votes are the same."""

    tokens: tuple[str, ...] = field(default=(), repr=False)
    videos: tuple[str, ...] = field(default=(), repr=False)

    def requests(self, share: int) -> Iterator[bytes]:
        """Return the votes of the people who are one process's share. Raises RuntimeError when all have voted."""
        for video in self.videos:
            for token in self.tokens[share::PROCESSES]:
                yield (
                    f"POST /api/public/videos/{video}/vote HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
                    f"Authorization: Bearer {token}\r\nContent-Length: 0\r\n\r\n"
                ).encode()
        raise RuntimeError("there are no votes left to cast: the load needs more clips")


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
    shares = range(PROCESSES)
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

    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self._port, self._requests = port, requests
        self.open()

    def open(self) -> None:
        """Connect."""
        self.wire = socket.create_connection(("127.0.0.1", self._port), timeout=30)

    def ask(self, due: float | None = None) -> None:
        """Send the next request, which was due at some moment."""
        request = next(self._requests)
        self._got, self._needed, self.asked = b"", 0, time.perf_counter() if due is None else due
        self.wire.sendall(request)

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
        raise RuntimeError(got.decode(errors="replace"))
    head = got[: end + 2].lower()
    at = head.index(LENGTH) + len(LENGTH)
    return end + len(ENDED) + int(head[at : head.index(b"\r", at)])


def _drive(load: Load, share: int, start: float) -> LoadTally:
    requests = load.requests(share)
    lines = [_Line(load.port, requests) for _ in range(load.connections // PROCESSES)]
    step = PROCESSES / load.rate if load.rate else 0
    time.sleep(max(start - time.time(), 0))
    begun = time.perf_counter()
    pace = _Pace(lines, begun + share * step / PROCESSES, step)
    with selectors.DefaultSelector() as ready:
        for line in lines:
            ready.register(line.wire, selectors.EVENT_READ, line)
        while (now := time.perf_counter()) < begun + load.seconds:
            for key, _ in ready.select(pace.ask(now)):
                _take(key.data, ready, pace)
    pace.tally.seconds = time.perf_counter() - begun
    for line in lines:
        line.wire.close()
    return pace.tally


@dataclass
class _Pace:
    """Which connections are free, when the next request is due, and what was answered."""

    lines: list[_Line]
    due: float
    step: float  # seconds between two requests; 0: as soon as a connection is free
    tally: LoadTally = field(default_factory=LoadTally)

    def __post_init__(self) -> None:
        self.free = deque(self.lines)

    def ask(self, now: float) -> float:
        """Send what is due on connections that are free; return for how many seconds nothing else will be."""
        while self.free and (not self.step or self.due <= now):
            self.free.popleft().ask(self.due if self.step else None)
            self.due += self.step
        return min(max(self.due - now, 0), 1) if self.step and self.free else 1


def _take(line: _Line, ready: selectors.BaseSelector, pace: _Pace) -> None:
    """Read from a connection, which is free again if the answer is complete."""
    if not line.is_answered():
        return
    pace.tally.answers += 1
    pace.tally.waits.append(time.perf_counter() - line.asked)
    if line.is_last():
        ready.unregister(line.wire)
        line.wire.close()
        line.open()
        ready.register(line.wire, selectors.EVENT_READ, line)
    pace.free.append(line)
