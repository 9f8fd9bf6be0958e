"""Health: each part by itself and in time, and how the line is doing."""

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from anb.operators import health
from support.publishing import publish
from support.worlds import World


def parts(answer: Any) -> dict[str, str]:
    return {name: part["state"] for name, part in answer.json()["parts"].items()}


def test_all_is_well(world: World) -> None:
    player = world.player()
    publish(world, player.upload())
    player.upload()
    time.sleep(0.05)
    answer = world.client.get("/api/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert parts(answer) == {"database": "up", "queue": "up", "share": "up"}
    line = answer.json()["line"]
    assert (line["due"], line["running"], line["dead"], line["drained"]) == (1, 0, 0, False)
    assert 0 < line["waiting_seconds"] < 5
    assert 0 < line["last_begun_seconds"] < 5


def test_an_empty_line_waits_for_nothing(world: World) -> None:
    line = world.client.get("/api/health/ready").json()["line"]
    assert (line["due"], line["waiting_seconds"], line["last_begun_seconds"]) == (0, None, None)


def test_a_part_that_is_down_is_named_and_the_others_are_still_asked(world: World) -> None:
    world.queue.down = True
    answer = world.client.get("/api/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"]
    assert parts(answer) == {"database": "up", "queue": "down", "share": "up"}


class TestShareThatHangs:
    @pytest.fixture
    def released(self, world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
        released = threading.Event()
        monkeypatch.setattr(health, "PATIENCE", 0.2)

        class Hung:
            def free_bytes(self) -> int:
                released.wait(10)
                return 1

        media: Any = Hung()
        world.client.app.state.ports = replace(world.ports, media=media)  # type: ignore[attr-defined]
        yield released
        released.set()

    def test_is_late_and_takes_one_thread_however_often_one_asks(self, world: World, released: Any) -> None:
        assert parts(world.client.get("/api/health/ready"))["share"] == "late"
        before = threading.active_count()
        for _ in range(3):
            assert parts(world.client.get("/api/health/ready"))["share"] == "late"
        assert threading.active_count() <= before
        assert world.client.get("/api/health/live").status_code == 200
        released.set()
        deadline = time.monotonic() + 10
        while parts(world.client.get("/api/health/ready"))["share"] == "late":
            assert time.monotonic() < deadline
        assert parts(world.client.get("/api/health/ready"))["share"] == "up"
