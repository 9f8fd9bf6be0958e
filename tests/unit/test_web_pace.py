"""How slow a sender may be, by the settings."""

import time
from pathlib import Path
from types import SimpleNamespace

import anyio
import pytest

from anb.web import pace as pacing
from anb.web.pace import LOOKS, Pace, TookTooLong, TooSlow
from support.worlds import settings_for

SETTINGS = settings_for(Path("/nowhere"), "postgresql://nobody@nowhere/nothing", "redis://nowhere")
STEP = SETTINGS.upload_floor_seconds / LOOKS


def send(rate: float, seconds: float, *, stall_at: float = -1, stall: float = 0) -> None:
    """Send `rate` bytes a second for `seconds` seconds, with a silence."""
    pace, begun, elapsed = Pace(SETTINGS), time.monotonic(), 0.0
    while elapsed < seconds:
        elapsed += STEP
        if not stall_at <= elapsed < stall_at + stall:
            pace.came(int(rate * STEP))
        pace.check(begun + elapsed)


def test_the_slowest_line_we_promise_anything_to_may_take_all_the_time_it_needs() -> None:
    send(60_000, SETTINGS.upload_max_bytes / 60_000)


@pytest.mark.parametrize("at", [0, 100, 290])
def test_a_silence_of_35_seconds_is_no_breach_however_slow_the_rest(at: float) -> None:
    send(8_000, 300, stall_at=at, stall=35)


def test_drops_that_only_hold_a_connection_end_it_after_a_minute() -> None:
    with pytest.raises(TooSlow) as refused:
        send(1, SETTINGS.upload_floor_seconds + 3 * STEP)
    assert refused.value.text("en").startswith(
        "Your connection has been sending less than 2048 bytes a second for 60 s"
    )
    assert refused.value.status == 408


@pytest.mark.parametrize(("missing", "is_slow"), [(0, False), (1, True)])
def test_the_slowest_pace_that_is_allowed_is_enough(
    monkeypatch: pytest.MonkeyPatch, missing: int, is_slow: bool
) -> None:
    monkeypatch.setattr(pacing, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    pace, window = Pace(SETTINGS), SETTINGS.upload_floor_seconds
    pace.came(int(SETTINGS.upload_floor_bytes * window) - missing)
    if is_slow:
        with pytest.raises(TooSlow):
            pace.check(1000.0 + window)
    else:
        pace.check(1000.0 + window)


def test_nobody_is_judged_by_less_than_the_whole_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    pace = Pace(SETTINGS)
    pace.check(1000.0 + SETTINGS.upload_floor_seconds - 0.001)


def test_only_the_last_minute_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "time", SimpleNamespace(monotonic=lambda: 0.0))
    pace = Pace(SETTINGS)
    pace.came(10**9)
    for step in range(1, LOOKS + 1):
        pace.check(step * STEP)
    with pytest.raises(TooSlow):
        pace.check((LOOKS + 1) * STEP)


def test_who_is_watched_is_looked_at_twelve_times_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def watch() -> None:
        pace = Pace(SETTINGS)
        monkeypatch.setattr(pacing, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + sum(slept)))
        monkeypatch.setattr(pacing, "anyio", SimpleNamespace(sleep=sleep))
        await pace.watch()

    with pytest.raises(TooSlow):
        anyio.run(watch)
    assert set(slept) == {5.0}
    assert len(slept) in {12, 13}


def test_no_request_sends_for_longer_than_the_deadline() -> None:
    assert SETTINGS.upload_deadline_seconds >= 45 * 60
    with pytest.raises(TookTooLong, match=f"over {SETTINGS.upload_deadline_seconds // 60} min"):
        send(3_000, SETTINGS.upload_deadline_seconds + 3 * STEP)


def test_a_deadline_is_told_in_whole_minutes() -> None:
    pace = Pace(SETTINGS.model_copy(update={"upload_deadline_seconds": 119}))
    with pytest.raises(TookTooLong) as refused:
        pace.check(time.monotonic() + 120)
    assert refused.value.fields == {"minutes": 1}


def test_time_in_which_we_kept_the_sender_waiting_is_not_theirs() -> None:
    pace, begun = Pace(SETTINGS), time.monotonic()
    pace.check(begun + STEP)
    pace.wait_for_us()
    pace.check(begun + SETTINGS.upload_floor_seconds)
