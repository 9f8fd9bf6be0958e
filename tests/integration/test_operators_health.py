"""Health: each part separately and in time, and the state of the queue."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from anb.operators import health
from anb.ports.mail import MailRefused
from support.outbox import FakeMailTransport, WorldOutbox, mail
from support.publishing import publish
from support.waiting import let_time_pass
from support.worlds import World


def parts(answer: Any) -> dict[str, str]:
    return {name: part["state"] for name, part in answer.json()["parts"].items()}


def test_all_is_well(world: World) -> None:
    player = world.player()
    publish(world, player.upload())
    player.upload()
    world.age(0.05)
    answer = world.client.get("/api/health/parts")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert parts(answer) == {"database": "up", "queue": "up", "share": "up"}
    line = answer.json()["line"]
    assert (line["due"], line["running"], line["dead"], line["drained"]) == (1, 0, 0, False)
    assert 0 < line["waiting_seconds"] < 5
    assert 0 < line["last_begun_seconds"] < 5
    mails = answer.json()["mail"]
    assert (mails["due"], mails["held"], mails["dead"]) == (1, 0, 0)  # the player's address is to be confirmed
    assert 0 < mails["waiting_seconds"] < 60


def test_mails_that_wait_and_dead_letters_are_counted(world: World) -> None:
    outbox = WorldOutbox(world)
    outbox.post(mail(), mail())
    outbox.send_next(FakeMailTransport(MailRefused("550 no such user")))
    shown = world.client.get("/api/health/parts").json()["mail"]
    assert (shown["due"], shown["held"], shown["dead"]) == (1, 0, 1)
    assert 0 < shown["waiting_seconds"] < 60
    world.queue.down = True
    assert world.client.get("/api/health/parts").json()["mail"]["dead"] == 1


def test_an_empty_line_waits_for_nothing(world: World) -> None:
    line = world.client.get("/api/health/parts").json()["line"]
    assert (line["due"], line["waiting_seconds"], line["last_begun_seconds"]) == (0, None, None)


def test_a_part_that_is_down_is_named_and_the_others_are_still_asked(world: World) -> None:
    world.queue.down = True
    answer = world.client.get("/api/health/parts")
    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")
    assert answer.headers["retry-after"]
    assert parts(answer) == {"database": "up", "queue": "down", "share": "up"}


class TestUploads:
    """A separate process takes uploads: a server without it must receive no clips."""

    @pytest.fixture
    def place(self, world: World, tmp_path: Path) -> Path:
        world.change(upload_socket=tmp_path / "uploads.sock")
        return tmp_path / "uploads.sock"

    @contextmanager
    def answering(self, place: Path, *said: bytes) -> Iterator[None]:
        """Answer each request with the next of these, and later ones not at all."""
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(place))
            door.listen()

            def serve() -> None:
                for answer in said:
                    wire, _ = door.accept()
                    assert wire.recv(4096).startswith(b"GET /health HTTP/1.1\r\n")
                    wire.sendall(answer)
                    wire.close()

            serving = threading.Thread(target=serve)
            serving.start()
            yield
            serving.join(10)

    def test_while_they_are_taken_all_is_well(self, world: World, place: Path) -> None:
        well = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        with self.answering(place, well, well):
            assert world.client.get("/api/health/ready").json() == {"status": "ready"}
            assert parts(world.client.get("/api/health/parts"))["uploads"] == "up"

    @pytest.mark.parametrize("said", [None, b"", b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"])
    def test_where_nobody_takes_them_a_balancer_sends_none(self, world: World, place: Path, said: bytes | None) -> None:
        with self.answering(place, said, said) if said is not None else nullcontext():
            answer = world.client.get("/api/health/ready")
            assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")
            told = world.client.get("/api/health/parts")
        assert parts(told) == {"database": "up", "queue": "up", "share": "up", "uploads": "down"}
        assert told.json()["line"]["due"] == 0  # which operators must know all the same
        assert world.client.get("/health").status_code == 200
        assert world.client.get("/api/health/live").status_code == 200


class TestOutside:
    def test_the_public_is_told_whether_and_not_what(self, world: World) -> None:
        assert world.client.get("/api/health/ready").json() == {"status": "ready"}
        world.queue.down = True
        answer = world.client.get("/api/health/ready")
        assert (answer.status_code, answer.json()["code"], "parts" in answer.json()) == (503, "not-ready", False)
        assert answer.headers["retry-after"]

    def test_what_comes_through_nginx_finds_no_parts(self, world: World) -> None:
        answer = world.client.get("/api/health/parts", headers={"X-Forwarded-For": "203.0.113.7"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_a_balancer_is_answered_though_every_part_is_down(
        self, world: World, monkeypatch: pytest.MonkeyPatch, method: str
    ) -> None:
        def refuse(_: object) -> None:
            raise AssertionError("a balancer's question must ask nobody")

        monkeypatch.setattr(health.SharedCheck, "take", refuse)
        monkeypatch.setattr(type(world.database), "reading", refuse)
        monkeypatch.setattr(type(world.database), "committing", refuse)
        answer = world.client.request(method, "/health")
        assert answer.status_code == 200
        assert answer.text == ('{"status":"healthy"}' if method == "GET" else "")


def test_many_who_ask_at_once_share_one_look(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of six simultaneous requests, all but the first found the check busy, called the part late, and answered 503."""
    looks = 0

    class Slow:
        def free_bytes(self) -> int:
            nonlocal looks
            looks += 1
            let_time_pass(0.3, "a share that answers slowly")
            return 1

    media: Any = Slow()
    monkeypatch.setattr(world.client.app.state, "ports", replace(world.ports, media=media))  # type: ignore[attr-defined]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: world.client.get("/api/health/ready").status_code, range(6)))
    assert answers == [200] * 6
    assert looks < 6


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
        assert parts(world.client.get("/api/health/parts"))["share"] == "late"
        before = threading.active_count()
        for _ in range(3):
            assert parts(world.client.get("/api/health/parts"))["share"] == "late"
        assert threading.active_count() <= before
        assert world.client.get("/api/health/live").status_code == 200
        released.set()
        deadline = time.monotonic() + 10
        while parts(world.client.get("/api/health/parts"))["share"] == "late":
            assert time.monotonic() < deadline
        assert parts(world.client.get("/api/health/parts"))["share"] == "up"
