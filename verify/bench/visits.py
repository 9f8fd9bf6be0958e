"""Visitors at a low, steady rate: each comes on time, however long earlier ones wait."""

import asyncio
import time
from collections.abc import Iterator, Mapping

from verify.bench.client import ask, head
from verify.bench.verdicts import RequestOutcome

RATE = 5  # visits of each page a second
EXPECTED = frozenset({200})
Requests = Mapping[str, Iterator[bytes]]


def pages(votes: Iterator[bytes]) -> Requests:
    """Return the requests of visitors; each vote is different."""
    return {
        "home": _again(head("GET", "/", {"Accept": "text/html"})),
        "list": _again(head("GET", "/api/public/videos", {})),
        "ranking": _again(head("GET", "/api/public/rankings", {})),
        "vote": votes,
    }


async def visit(port: int, requests: Requests, seconds: float) -> dict[str, list[RequestOutcome]]:
    """Request each page `RATE` times a second, in turns."""
    pending: dict[str, list[asyncio.Task[RequestOutcome]]] = {name: [] for name in requests}
    begun, step = time.perf_counter(), 1 / (RATE * len(requests))
    async with asyncio.TaskGroup() as group:
        for number in range(int(RATE * seconds)):
            for place, (name, ones) in enumerate(requests.items()):
                due = begun + (number * len(requests) + place) * step
                await asyncio.sleep(max(0, due - time.perf_counter()))
                pending[name].append(group.create_task(ask(port, next(ones), due)))
    return {name: [task.result() for task in tasks] for name, tasks in pending.items()}


def _again(request: bytes) -> Iterator[bytes]:
    while True:
        yield request
