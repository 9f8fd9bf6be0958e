"""The probe process that starts while an upload arrives: the same verdict, sooner; it is never left over."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from anb.adapters.media import prober as prober_module
from anb.adapters.media import ready_children
from anb.adapters.media.prober import LibavProber
from anb.adapters.sandbox.runner import Sandbox
from anb.adapters.sandbox.walls import Walls
from anb.errors import Outage
from anb.media.probe import examine
from anb.ports import Unreadable
from support.cells import EACH
from support.clips import Clip, draw
from support.waiting import let_time_pass, until

SMALL = Clip(seconds=1, width=640, height=360)
PATIENCE = 60.0


class Starts(Sandbox):
    """A sandbox that counts the processes it starts, and keeps them for tests to look at."""

    def __init__(self, walls: Walls | None = None) -> None:
        super().__init__(walls=walls)
        self.started: list[Popen[bytes]] = []

    @contextmanager
    def running(self, *args: Any, **more: Any) -> Iterator[Popen[bytes]]:
        with super().running(*args, **more) as process:
            self.started.append(process)
            yield process

    def wait_for(self, count: int) -> None:
        """Wait until this many were started."""
        until(lambda: len(self.started) >= count)


@pytest.fixture
def starts() -> Iterator[Starts]:
    made = Starts()
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
            process.wait(PATIENCE)


@pytest.fixture
def prober(tmp_path: Path, starts: Starts) -> LibavProber:
    return LibavProber(tmp_path / "slots", 2, 60, starts)


@EACH
def test_it_says_what_a_child_of_their_own_says(tmp_path: Path, walls: Walls) -> None:
    starts = Starts(walls)
    prober = LibavProber(tmp_path / "slots", 1, 60, starts)
    facts = prober.probe(draw(SMALL))
    prober.prepare()
    starts.wait_for(2)
    assert prober.probe(draw(SMALL)) == facts
    assert len(starts.started) == 2


def test_what_is_no_video_is_refused_in_the_same_words(prober: LibavProber, starts: Starts, tmp_path: Path) -> None:
    (tmp_path / "x.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(500))
    said = []
    for ready in (False, True):
        if ready:
            prober.prepare()
            starts.wait_for(2)
        with pytest.raises(Unreadable) as refused:
            prober.probe(tmp_path / "x.mp4")
        said.append(str(refused.value))
    assert said[0] == said[1]


def test_however_often_it_is_asked_for_there_is_one(prober: LibavProber, starts: Starts) -> None:
    for _ in range(50):
        prober.prepare()
    starts.wait_for(1)
    let_time_pass(0.2, "a second child would have been started by now")
    assert len(starts.started) == 1
    prober.probe(draw(SMALL))
    until(lambda: starts.started[0].poll() is not None)


def test_one_that_died_while_it_waited_blames_no_file(prober: LibavProber, starts: Starts) -> None:
    prober.prepare()
    starts.wait_for(1)
    starts.started[0].kill()
    starts.started[0].wait(PATIENCE)
    assert prober.probe(draw(SMALL))["container"] == "mp4"
    assert len(starts.started) == 2


def test_one_that_cannot_be_started_harms_no_upload(
    prober: LibavProber, starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/nowhere/python")
        prober.prepare()
        until(lambda: prober._ready._waiting is None or prober._ready._waiting._answered.is_set())
        assert starts.started == []
    assert prober.probe(draw(SMALL))["container"] == "mp4"


@pytest.mark.parametrize(
    ("code", "said", "seconds"),
    [("import time\ntime.sleep(77)", "took longer than", 1), ("print('A' * 100_000)", "said too much", 20)],
    ids=["sleeps", "babbles"],
)
def test_one_that_was_taken_over_is_ended(
    code: str, said: str, seconds: float, tmp_path: Path, starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child.py"
    child.write_text(code)
    monkeypatch.setattr(prober_module, "CHILD", (str(child),))
    monkeypatch.setattr(prober_module, "MODULES", {child})
    prober = LibavProber(tmp_path / "slots", 1, seconds, starts)
    prober.prepare()
    starts.wait_for(1)
    with pytest.raises((Unreadable, Outage), match=said):
        prober.probe(draw(SMALL))
    until(lambda: starts.started[0].poll() is not None)


class TestStalls:
    """A stalled client holds no process: it is ended after some time without bytes."""

    @pytest.fixture(autouse=True)
    def short(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ready_children, "IDLE_SECONDS", 0.5)

    def test_a_clip_whose_last_byte_comes_late_gets_the_same_verdict(self, prober: LibavProber, starts: Starts) -> None:
        prober.prepare()
        starts.wait_for(1)
        until(lambda: starts.started[0].poll() is not None)
        assert examine(prober, draw(SMALL)).frames == 30
        assert len(starts.started) == 2

    def test_another_is_started_when_bytes_come_again(self, prober: LibavProber, starts: Starts) -> None:
        prober.prepare()
        until(lambda: starts.started and starts.started[0].poll() is not None)
        prober.prepare()
        starts.wait_for(2)

    def test_while_bytes_come_it_stays(self, prober: LibavProber, starts: Starts) -> None:
        for _ in range(20):
            prober.prepare()
            let_time_pass(0.1, "bytes come one after another for longer than a child is kept without")
        assert len(starts.started) == 1
        assert starts.started[0].poll() is None
