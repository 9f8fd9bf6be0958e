"""One reader for all streams: a change reaches all of them; a slow one misses only outdated values."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import pytest

from anb.streams import hub as hubs
from anb.streams.hub import Hub, Stream
from support.waiting import let_time_pass_async


class FakeSource:
    """Values that a test changes; counts how often they are read, and for what."""

    def __init__(self, **values: int) -> None:
        self.values = dict(values)
        self.asked: list[list[str]] = []

    def read(self, keys: Sequence[str]) -> Mapping[str, int]:
        self.asked.append(sorted(keys))
        return {key: self.values[key] for key in keys if key in self.values}


def run(source: FakeSource, act: Callable[[Hub[str, int]], Awaitable[None]], seconds: float = 0.05) -> None:
    async def main() -> None:
        hub: Hub[str, int] = Hub(source.read, seconds)
        task = asyncio.create_task(hub.run())
        try:
            async with asyncio.timeout(10):
                await act(hub)
        finally:
            task.cancel()

    asyncio.run(main())


async def value(stream: Stream[int], wanted: int | None) -> None:
    while stream.value != wanted or not stream.is_known:
        await stream.wait()


def test_a_thousand_who_come_at_once_are_looked_up_together() -> None:
    source = FakeSource(**{str(number): number for number in range(1000)})

    async def act(hub: Hub[str, int]) -> None:
        contexts = [hub.watching(str(number)) for number in range(1000)]
        streams = [context.__enter__() for context in contexts]
        for number, stream in enumerate(streams):
            await value(stream, number)

    run(source, act, seconds=60)
    assert len([asked for asked in source.asked if asked]) == 1


def test_a_change_reaches_everybody_who_watches_it_and_nobody_else() -> None:
    source = FakeSource(a=1, b=1)

    async def act(hub: Hub[str, int]) -> None:
        with hub.watching("a") as one, hub.watching("a") as two, hub.watching("b") as other:
            for stream in (one, two, other):
                await value(stream, 1)
            source.values["a"] = 2
            await value(one, 2)
            await value(two, 2)
            assert other.value == 1

    run(source, act)


def test_what_is_not_there_is_known_to_be_not_there() -> None:
    async def act(hub: Hub[str, int]) -> None:
        with hub.watching("nothing") as stream:
            await value(stream, None)

    run(FakeSource(), act)


def test_nothing_is_read_for_those_who_left() -> None:
    source = FakeSource(a=1)

    async def act(hub: Hub[str, int]) -> None:
        with hub.watching("a") as stream:
            await value(stream, 1)
        source.asked.clear()
        await let_time_pass_async(0.2, "the hub reads every 0.05 s for those who watch")
        assert source.asked == []

    run(source, act)


def test_silence_is_broken_by_a_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "HEARTBEAT_SECONDS", 0.0)

    async def act(hub: Hub[str, int]) -> None:
        with hub.watching("a") as stream:
            await value(stream, 1)
            await stream.wait()

    run(FakeSource(a=1), act)


def test_the_end_of_the_process_is_the_end_of_every_stream() -> None:
    async def act(hub: Hub[str, int]) -> None:
        with hub.watching("a") as stream:
            await value(stream, 1)
            hub.close()
            await stream.wait()
            assert stream.is_closing

    run(FakeSource(a=1), act)
