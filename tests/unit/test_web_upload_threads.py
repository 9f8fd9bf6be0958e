"""A body under way: the answer is whatever its writer says, in threads that only uploads use."""

import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.to_thread import current_default_thread_limiter
from starlette.requests import Request

from anb.videos.domain import TooManyBytes
from anb.web.upload_threads import BATCH_BYTES, UploadThreads, pump
from support.waiting import until_async
from support.worlds import settings_for

SETTINGS = settings_for(Path("/nowhere"), "postgresql://nobody@nowhere/nothing", "redis://nowhere")


def request_of(chunks: list[bytes]) -> Request:
    """Make a request whose body has already arrived, so that its next batch always waits for the writer."""
    rest = iter(chunks)

    async def receive() -> dict[str, object]:
        body = next(rest, None)
        return {"type": "http.request", "body": body or b"", "more_body": body is not None}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


@pytest.mark.parametrize("last", [b"", b"the end"], ids=["full batches", "a last one that is not full"])
@pytest.mark.parametrize("good", range(4))
def test_a_refusal_is_the_answer_though_the_next_batch_waits_for_the_writer(good: int, last: bytes) -> None:
    fed: list[int] = []

    def feed(batch: list[bytes]) -> None:
        fed.append(len(batch))
        if len(fed) > good:
            raise TooManyBytes.of(2, 1)

    async def upload() -> None:
        body = [b"\0" * BATCH_BYTES] * 4 + [last]
        await pump(request_of(body), feed, UploadThreads(SETTINGS))

    with pytest.raises(TooManyBytes):
        anyio.run(upload)
    assert len(fed) == good + 1


class Held:
    """Work that lasts until it is released, and how much of it runs at the same time."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.begun = 0

    def act(self) -> None:
        self.begun += 1
        assert self.go_on.wait(10)

    async def fill(self, run: Callable[[Callable[[], None]], Coroutine[Any, Any, None]], most: int) -> int:
        """Start more than all threads can take, and return how many began; `most` is waited for."""
        async with anyio.create_task_group() as tasks:
            for _ in range(most + 50):
                tasks.start_soon(run, self.act)
            await until_async(lambda: self.begun >= most)
            await anyio.wait_all_tasks_blocked()
            begun, others = self.begun, current_default_thread_limiter().borrowed_tokens
            self.go_on.set()
        assert others == 0, "they took the threads of everybody else"
        return begun


@pytest.mark.parametrize(("kind", "most"), [("io", 4), ("db", 2), ("probe", 3)])
def test_a_crowd_of_uploads_has_threads_of_its_own(kind: str, most: int) -> None:
    async def crowd() -> int:
        threads = UploadThreads(SETTINGS.model_copy(update={"probes": 3}))
        return await Held().fill(getattr(threads, kind), most)

    assert anyio.run(crowd) == most


@pytest.mark.parametrize("slow", ["io", "probe"])
def test_a_slow_share_keeps_no_sign_of_life_waiting(slow: str) -> None:
    async def crowd() -> str:
        threads, held = UploadThreads(SETTINGS), Held()
        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(getattr(threads, slow), held.act)
            with anyio.fail_after(10):
                said = await threads.db(lambda: "alive")
            held.go_on.set()
        return said

    assert anyio.run(crowd) == "alive"


@pytest.mark.parametrize(("lease", "seconds"), [(1, 0.1), (4, 0.4), (5, 0.5), (60, 0.5)])
def test_a_batch_is_written_several_times_within_a_lease(lease: float, seconds: float) -> None:
    assert UploadThreads(SETTINGS.model_copy(update={"upload_lease_seconds": lease})).batch_seconds == seconds
