"""What follows a commit may be slow, and takes no thread from the endpoints."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import anyio
from anyio import CapacityLimiter, Semaphore
from anyio.to_thread import current_default_thread_limiter, run_sync
from fastapi import Request

from anb.web.deps import unit_of_work
from support.waiting import until_async

THREADS = 2  # of endpoints
SECONDS = 20.0


class SlowQueue:
    """A database whose transactions are all followed by something that does not end until it is let go."""

    def __init__(self) -> None:
        self.committed = 0
        self.let_go = threading.Event()

    @contextmanager
    def committing(self) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(has_followers=True, follow=lambda: self.let_go.wait(SECONDS))
        self.committed += 1


async def commit(request: Request) -> None:
    async for _ in unit_of_work(request):
        pass


async def answer_beside(queue: SlowQueue) -> None:
    """Use a thread of the endpoints while all their number of transactions are followed by something slow."""
    state = SimpleNamespace(turns=Semaphore(10), followers=CapacityLimiter(1), database=queue)
    request = Request({"type": "http", "app": SimpleNamespace(state=state)})
    current_default_thread_limiter().total_tokens = THREADS
    async with anyio.create_task_group() as tasks:
        for _ in range(THREADS):
            tasks.start_soon(commit, request)
        try:
            await until_async(lambda: queue.committed == THREADS)
            await anyio.wait_all_tasks_blocked()
            with anyio.fail_after(SECONDS / 2):
                await run_sync(lambda: None)
        finally:
            queue.let_go.set()


def test_a_slow_queue_leaves_endpoints_their_threads() -> None:
    anyio.run(answer_beside, SlowQueue())
