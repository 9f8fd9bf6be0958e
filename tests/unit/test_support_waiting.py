"""Waits end as soon as their condition holds; if it never does, they fail and report what they saw."""

import time

import anyio
import pytest

from support.waiting import looks, until, until_async

NEVER = 0.05  # seconds


def test_a_wait_returns_what_it_waited_for() -> None:
    seen = iter([0, None, 7, 8])
    assert until(lambda: next(seen)) == 7


def test_a_wait_without_end_fails_with_what_was_seen() -> None:
    with pytest.raises(AssertionError, match=r"not within 0\.05 s: 0"):
        until(lambda: 0, NEVER)
    with pytest.raises(AssertionError, match="the log"):
        until(lambda: 0, NEVER, told=lambda: "the log")


def test_a_condition_that_holds_at_once_is_not_slept_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it slept"))
    assert until(lambda: True)


def test_looks_go_on_until_their_caller_leaves() -> None:
    seen = iter(range(10))
    assert next(number for number in looks(lambda: next(seen)) if number == 3) == 3


def test_looks_without_end_fail_with_what_was_seen_last() -> None:
    with pytest.raises(AssertionError, match=r"still so after 0\.05 s: 'same'"):
        list(looks(lambda: "same", NEVER))


def test_other_tasks_run_while_one_waits() -> None:
    seen: list[int] = []

    async def act() -> None:
        done: list[int] = []
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(later, done)
            seen.extend(await until_async(lambda: done))

    async def later(done: list[int]) -> None:
        await anyio.lowlevel.checkpoint()
        done.append(7)

    anyio.run(act)
    assert seen == [7]


def test_a_wait_beside_other_tasks_fails_too() -> None:
    with pytest.raises(AssertionError, match="not within"):
        anyio.run(until_async, lambda: 0, NEVER)
