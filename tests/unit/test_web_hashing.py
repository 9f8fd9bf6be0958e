"""Password hashing is bounded: few at once, few waiting, none for a client that has left."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from anb.settings import Settings
from anb.web.hashing import HashingLimiter, TooManySignIns
from support.waiting import until_async


class HashingCaller:
    """A request whose client disconnects when told to."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, str]:
        await self.gone.wait()
        return {"type": "http.disconnect"}


class Hash:
    """A hash that lasts until it is released."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go_on = threading.Event()

    def of(self, who: str) -> Callable[[], str]:
        def act() -> str:
            self.begun.append(who)
            assert self.go_on.wait(10)
            return who

        return act


@pytest.fixture
def hashed() -> Iterator[Hash]:
    made = Hash()
    yield made
    made.go_on.set()


def limiter(queue: int) -> HashingLimiter:
    known: Any = {"hash_threads": 1, "hash_queue": queue}
    return HashingLimiter(Settings.model_construct(**known))


def run(act: Callable[[], Any]) -> None:
    asyncio.run(act())


def test_who_comes_beyond_the_queue_is_told_to_come_back(hashed: Hash) -> None:
    async def act() -> None:
        hashing = limiter(queue=1)
        first = asyncio.create_task(hashing.run(HashingCaller(), hashed.of("first")))  # type: ignore[arg-type]
        await until_async(lambda: hashed.begun == ["first"])
        second = asyncio.create_task(hashing.run(HashingCaller(), hashed.of("second")))  # type: ignore[arg-type]
        await until_async(lambda: hashing._threads.statistics().tasks_waiting == 1)
        with pytest.raises(TooManySignIns):
            await hashing.run(HashingCaller(), hashed.of("third"))  # type: ignore[arg-type]
        hashed.go_on.set()
        assert [await first, await second] == ["first", "second"]
        assert hashed.begun == ["first", "second"]

    run(act)


def test_nothing_is_hashed_for_who_hung_up_while_waiting(hashed: Hash) -> None:
    async def act() -> None:
        hashing, leaver = limiter(queue=5), HashingCaller()
        first = asyncio.create_task(hashing.run(HashingCaller(), hashed.of("first")))  # type: ignore[arg-type]
        await until_async(lambda: hashed.begun == ["first"])
        waiting = asyncio.create_task(hashing.run(leaver, hashed.of("leaver")))  # type: ignore[arg-type]
        await until_async(lambda: hashing._threads.statistics().tasks_waiting == 1)
        leaver.gone.set()
        with pytest.raises(ClientDisconnect):
            await waiting
        hashed.go_on.set()
        await first
        assert hashed.begun == ["first"]

    run(act)


def test_what_the_service_refuses_is_the_answer() -> None:
    def refuse() -> None:
        raise TooManySignIns

    async def act() -> None:
        with pytest.raises(TooManySignIns):
            await limiter(queue=1).run(HashingCaller(), refuse)  # type: ignore[arg-type]

    run(act)
