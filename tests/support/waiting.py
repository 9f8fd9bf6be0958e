"""How tests wait: for a condition, within a bound. Tests sleep only here; a gate refuses it everywhere else.

Where a condition cannot be seen, because the test is about passing time (a silent client, a stall, a cache that
expires), a test calls `let_time_pass` and says why. Rows of the database age at once: `World.age`.

What a page does reaches a test only while the test waits through that page: such waits name the `page`.
"""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

import anyio

if TYPE_CHECKING:  # importing Playwright takes half a second, and most tests open no page
    from playwright.sync_api import Page

T = TypeVar("T")
PAUSE = 0.02  # between two looks
SECONDS = 20.0  # after which a wait fails, unless a test says otherwise


def looks(
    look: Callable[[], T], seconds: float = SECONDS, pause: float = PAUSE, page: "Page | None" = None
) -> Iterator[T]:
    """Yield what `look` sees, again and again, for a caller that leaves the loop in time; fail after a bound."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        yield seen
        assert time.monotonic() < deadline, f"still so after {seconds:g} s: {seen!r}"
        _rest(pause, page)


def until(
    look: Callable[[], T],
    seconds: float = SECONDS,
    *,
    pause: float = PAUSE,
    told: Callable[[], object] | None = None,
    page: "Page | None" = None,
) -> T:
    """Look until the result is true, and return it. Fails after a bound, with what `told` returns if it is given."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {told() if told else seen!r}"
        _rest(pause, page)
    return seen


async def until_async(look: Callable[[], T], seconds: float = SECONDS) -> T:
    """Look until the result is true, and return it, while other tasks run. Fails after a bound."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {seen!r}"
        await anyio.sleep(PAUSE / 10)  # a thread has no event to give
    return seen


def _rest(pause: float, page: "Page | None") -> None:
    if page:
        page.wait_for_timeout(1000 * pause)
    else:
        time.sleep(pause)


def let_time_pass(seconds: float, because: str) -> None:
    """Do nothing for a while, where the test is about passing time; say why no condition can be waited for."""
    assert because
    time.sleep(seconds)


async def let_time_pass_async(seconds: float, because: str) -> None:
    """Do the same while other tasks run."""
    assert because
    await anyio.sleep(seconds)
