"""The supervisor, with parts of a few lines of shell: order, back-off, reasons."""

import io
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from anb.stack import leftovers
from anb.stack.errors import CannotStart
from anb.stack.part import Part
from anb.stack.show import Show
from anb.stack.signals import Signals, StopAsked
from anb.stack.supervisor import Supervisor


class Stage:
    """A supervisor whose clock a test sets, and what it says."""

    def __init__(self, root: Path, signals: Signals) -> None:
        self.root, self.said, self.now = root, io.StringIO(), 0.0
        (root / "logs").mkdir(exist_ok=True)
        environment = {"PATH": "/usr/bin:/bin", "ROOT": str(root)}
        show = Show(Console(file=self.said, width=300))
        self.supervisor = Supervisor(root, environment, show, signals, lambda: self.now)

    def part(self, name: str, script: str, **more: object) -> Part:
        ready = (self.root / f"{name}.up").exists
        known = {"ready": ready, "folder": self.root, "patience": 1.0} | more
        return Part(name=name, title=name.title(), command=["sh", "-c", script], **known)  # type: ignore[arg-type]

    def look(self) -> str:
        """Let the supervisor look after its parts once; return what it has said so far."""
        for running in self.supervisor._running:
            self.supervisor.look_after(running)
        return self.said.getvalue()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with Signals() as signals:
        made = Stage(tmp_path, signals)
        yield made
        made.supervisor.stop()


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)


# It is up until it is told to end, and leaves word of that.
SERVE = """trap 'echo {0} >> "$ROOT/ended"; exit' TERM; touch "$ROOT/{0}.up"; while :; do sleep 0.02; done"""


class TestOrder:
    def test_parts_start_in_order_and_end_in_reverse(self, stage: Stage) -> None:
        for name in ("one", "two", "three"):
            stage.supervisor.start(stage.part(name, SERVE.format(name)))
        started = re.findall(r"(\w+) … ready in \d+\.\d s", stage.said.getvalue())
        assert started == ["One", "Two", "Three"]
        stage.supervisor.stop()
        assert (stage.root / "ended").read_text(encoding="ascii").split() == ["three", "two", "one"]

    def test_one_that_does_not_listen_is_killed_with_all_it_started(self, stage: Stage) -> None:
        script = "trap '' TERM; sleep 60 & setsid sleep 60 & touch \"$ROOT/deaf.up\"; wait; wait; wait"
        stage.supervisor.start(stage.part("deaf", script, patience=0.1))
        everybody = psutil.Process(stage.supervisor._running[0].process.pid).children(recursive=True)
        assert len(everybody) == 2
        stage.supervisor.stop()
        _, left = psutil.wait_procs(everybody, timeout=2)
        assert left == []


class TestCannotStart:
    def test_a_part_that_ends_at_once_is_told_with_its_last_words(self, stage: Stage) -> None:
        with pytest.raises(CannotStart) as caught:
            stage.supervisor.start(stage.part("sick", "echo well; echo no room for me; exit 3"))
        log = stage.root / "logs" / "sick.log"
        assert str(caught.value) == f"Sick ended (exit code 3); its last word was “no room for me” ({log})"

    def test_a_part_that_never_is_ready_is_given_up(self, stage: Stage) -> None:
        def never() -> bool:
            stage.now += 100
            return False

        with pytest.raises(CannotStart, match=r"Slow is not ready after 60 s; it said nothing \(/"):
            stage.supervisor.start(stage.part("slow", "sleep 60", ready=never))

    def test_a_command_that_fails_stops_the_start(self, stage: Stage) -> None:
        stage.supervisor.run("Tables", "migrate", ["sh", "-c", "exit 0"], stage.root)
        with pytest.raises(CannotStart, match=r"Tables: exit code 7; .*no such column"):
            stage.supervisor.run("Tables", "migrate", ["sh", "-c", "echo no such column; exit 7"], stage.root)

    def test_it_may_be_told_to_stop_while_it_waits(self, stage: Stage) -> None:
        def ready() -> bool:
            signal.raise_signal(signal.SIGTERM)
            return False

        with pytest.raises(StopAsked):
            stage.supervisor.start(stage.part("slow", "sleep 60", ready=ready))


class TestPrepare:
    def test_what_had_to_be_mended_before_a_start_is_told(self, stage: Stage) -> None:
        words = iter([None, "Its file was torn"])
        stage.supervisor.start(
            stage.part("well", SERVE.format("well"), prepare=lambda: next(words)),
            stage.part("torn", SERVE.format("torn"), prepare=lambda: next(words)),
        )
        assert [line for line in stage.look().splitlines() if line.startswith("!")] == ["! Its file was torn"]


class TestBackOff:
    def kill(self, stage: Stage) -> None:
        process = stage.supervisor._running[0].process
        process.kill()
        wait_until_gone(process.pid)

    def test_it_waits_longer_after_each_failure_and_forgets_after_a_steady_minute(self, stage: Stage) -> None:
        stage.supervisor.start(stage.part("frail", SERVE.format("frail")))
        for seconds in ("0.5", "1", "2"):
            self.kill(stage)
            assert stage.look().splitlines()[-1].startswith(f"! Frail ended (signal KILL); next try in {seconds} s.")
            said = stage.look()
            assert said == stage.look(), "it is down, and its time has not come"
            stage.now += float(seconds)
            stage.look()
            assert stage.look().splitlines()[-1] == "✓ Frail is back"
        stage.now += 61
        self.kill(stage)
        assert "next try in 0.5 s" in stage.look().splitlines()[-1]

    def test_what_a_dead_part_had_started_dies_before_the_next_try(self, stage: Stage) -> None:
        script = 'setsid sleep 60 & echo $! > "$ROOT/orphan"; touch "$ROOT/parent.up"; wait'
        stage.supervisor.start(stage.part("parent", script))
        orphan = int((stage.root / "orphan").read_text(encoding="ascii"))
        self.kill(stage)
        stage.look()
        wait_until_gone(orphan)


class TestLeftovers:
    def test_those_of_this_folder_are_ended_and_no_others(self, stage: Stage, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        with Signals() as signals:
            neighbour = Stage(other, signals)
            neighbour.supervisor.start(neighbour.part("near", SERVE.format("near")))
            stage.supervisor.start(stage.part("old", SERVE.format("old")))
            assert leftovers.end_all(stage.root, patience=1) >= 1
            assert stage.supervisor._running[0].process.wait(timeout=2) is not None
            assert neighbour.supervisor._running[0].process.poll() is None
            neighbour.supervisor.stop()
