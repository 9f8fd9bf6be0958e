"""The promises of counters, kept by the fake as well as by the shared ones; and the shared ones without Valkey."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from anb.adapters import rate_counters
from anb.adapters.rate_counters import SharedCounters
from anb.ports import Count, RateCounters, RateWindow
from support.fakes import FakeCounters
from support.waiting import until


@pytest.fixture(params=["shared", "fake"])
def counters(request: pytest.FixtureRequest, redis_url: str) -> RateCounters:
    return SharedCounters(redis_url) if request.param == "shared" else FakeCounters()


@pytest.fixture
def key() -> str:
    return uuid4().hex


class TestCounters:
    def test_a_window_begins_with_the_first(self, counters: RateCounters, key: str) -> None:
        assert counters.look(key).hits == 0
        assert [counters.hit(key, 60).hits for _ in range(3)] == [1, 2, 3]
        assert 58 <= counters.look(key).seconds <= 60

    def test_to_look_counts_nothing(self, counters: RateCounters, key: str) -> None:
        counters.hit(key, 60)
        assert [counters.look(key).hits for _ in range(3)] == [1, 1, 1]

    def test_each_key_counts_for_itself(self, counters: RateCounters, key: str) -> None:
        counters.hit(key, 60)
        assert counters.hit(f"{key}-other", 60).hits == 1

    def test_several_are_counted_at_once_up_to_the_first_that_has_too_many(
        self, counters: RateCounters, key: str
    ) -> None:
        windows = [RateWindow(key, 60, 9), RateWindow(f"{key}-narrow", 30, 1), RateWindow(f"{key}-after", 60, 9)]
        assert [each.hits for each in counters.hit_each(windows)] == [1, 1, 1]
        assert [each.hits for each in counters.hit_each(windows)] == [2, 2]
        assert [counters.look(each.key).hits for each in windows] == [2, 2, 1]
        assert 28 <= counters.look(windows[1].key).seconds <= 30
        assert counters.hit_each([]) == []

    def test_a_window_ends(self, counters: RateCounters, key: str) -> None:
        counters.hit(key, 1)
        until(lambda: not counters.look(key).hits, 5)
        assert counters.hit(key, 1).hits == 1

    def test_nobody_is_lost_who_comes_at_the_same_moment(self, counters: RateCounters, key: str) -> None:
        if isinstance(counters, FakeCounters):
            pytest.skip("a fake of one thread")
        with ThreadPoolExecutor(8) as pool:
            counts = list(pool.map(lambda _: counters.hit(key, 60).hits, range(80)))
        assert sorted(counts) == list(range(1, 81))


class TestShared:
    def test_all_web_servers_count_together(self, redis_url: str, key: str) -> None:
        SharedCounters(redis_url).hit(key, 60)
        assert SharedCounters(redis_url).hit(key, 60).hits == 2

    def test_a_server_that_is_down_leaves_a_bound_of_ones_own(self, tmp_path: Path, key: str) -> None:
        alone = SharedCounters(f"redis+socket://:x@localhost{tmp_path}/nobody.sock?virtual_host=0")
        assert [alone.hit(key, 60).hits for _ in range(3)] == [1, 2, 3]
        assert alone.look(key).hits == 3
        windows = [RateWindow(key, 60, 3), RateWindow(f"{key}-after", 60, 3)]
        assert [each.hits for each in alone.hit_each(windows)] == [4]

    def test_a_server_that_never_answers_costs_its_patience_once(self, key: str) -> None:
        with black_hole() as port:
            alone = SharedCounters(f"redis://127.0.0.1:{port}/0")
            first, rest = timed(lambda: alone.hit(key, 60)), timed(lambda: alone.hit(key, 60))
        assert first[0].hits == 1
        assert rest[0].hits == 2
        assert first[1] < 6 * rate_counters.PATIENCE_SECONDS
        assert rest[1] < rate_counters.PATIENCE_SECONDS / 2

    def test_a_server_that_is_back_counts_again(
        self, redis_url: str, key: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rate_counters, "REST_SECONDS", 0.0)
        counters, there = SharedCounters(redis_url), SharedCounters(redis_url)
        there.hit(key, 60)
        with black_hole() as port:
            monkeypatch.setattr(counters, "_shared", SharedCounters(f"redis://127.0.0.1:{port}/0")._shared)
            assert counters.hit(key, 60).hits == 1
        monkeypatch.setattr(counters, "_shared", there._shared)
        assert counters.hit(key, 60).hits == 2


def timed(act: Callable[[], Count]) -> tuple[Count, float]:
    begun = time.monotonic()
    return act(), time.monotonic() - begun


@contextmanager
def black_hole() -> Iterator[int]:
    """Listen and accept, but never answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept: list[socket.socket] = []

        def swallow() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=swallow, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        for one in kept:
            one.close()
