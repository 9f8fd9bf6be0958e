"""The supervisor, with parts made of a few lines of shell: order, back-off, reasons."""

import io
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from anb.engines.errors import CannotStart
from anb.local.supervisor import leftovers
from anb.local.supervisor.service_spec import ServiceSpec
from anb.local.supervisor.signals import Signals, StopAsked
from anb.local.supervisor.supervisor import Supervisor
from anb.local.terminal import Show
from support.waiting import until


class SupervisorHarness:
    """A supervisor whose clock a test sets, and its output."""

    def __init__(self, root: Path, signals: Signals) -> None:
        self.root, self.said, self.now = root, io.StringIO(), 0.0
        (root / "logs").mkdir(exist_ok=True)
        environment = {"PATH": "/usr/bin:/bin", "ROOT": str(root)}
        show = Show(Console(file=self.said, width=300))
        self.supervisor = Supervisor(root, environment, show, signals, lambda: self.now)

    def part(self, name: str, script: str, **more: object) -> ServiceSpec:
        ready = (self.root / f"{name}.up").exists
        known = {"ready": ready, "folder": self.root, "patience": 1.0} | more
        return ServiceSpec(name=name, title=name.title(), command=["sh", "-c", script], **known)  # type: ignore[arg-type]

    def look(self) -> str:
        """Let the supervisor check its parts once; return its output so far."""
        for running in self.supervisor._running:
            self.supervisor.look_after(running)
        return self.said.getvalue()


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[SupervisorHarness]:
    with Signals() as signals:
        made = SupervisorHarness(tmp_path, signals)
        yield made
        made.supervisor.stop()


def wait_until_gone(pid: int) -> None:
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE, 5)


# It runs until told to end, and leaves a file that says so.
SERVE = """trap 'echo {0} >> "$ROOT/ended"; exit' TERM; touch "$ROOT/{0}.up"; while :; do sleep 0.02; done"""


class TestOrder:
    def test_parts_start_in_order_and_end_in_reverse(self, harness: SupervisorHarness) -> None:
        for name in ("one", "two", "three"):
            harness.supervisor.start(harness.part(name, SERVE.format(name)))
        started = re.findall(r"(\w+) … ready in \d+\.\d s", harness.said.getvalue())
        assert started == ["One", "Two", "Three"]
        harness.supervisor.stop()
        assert (harness.root / "ended").read_text(encoding="ascii").split() == ["three", "two", "one"]

    def test_one_that_does_not_listen_is_killed_with_all_it_started(self, harness: SupervisorHarness) -> None:
        script = "trap '' TERM; sleep 60 & setsid sleep 60 & touch \"$ROOT/deaf.up\"; wait; wait; wait"
        harness.supervisor.start(harness.part("deaf", script, patience=0.1))
        everybody = psutil.Process(harness.supervisor._running[0].process.pid).children(recursive=True)
        assert len(everybody) == 2
        harness.supervisor.stop()
        _, left = psutil.wait_procs(everybody, timeout=2)
        assert left == []


class TestCannotStart:
    def test_a_part_that_ends_at_once_is_told_with_its_last_words(self, harness: SupervisorHarness) -> None:
        with pytest.raises(CannotStart) as caught:
            harness.supervisor.start(harness.part("sick", "echo well; echo no room for me; exit 3"))
        log = harness.root / "logs" / "sick.log"
        assert str(caught.value) == f"Sick ended (exit code 3); its last word was “no room for me” ({log})"

    def test_a_part_that_never_is_ready_is_given_up(self, harness: SupervisorHarness) -> None:
        def never() -> bool:
            harness.now += 100
            return False

        with pytest.raises(CannotStart, match=r"Slow is not ready after 60 s; it said nothing \(/"):
            harness.supervisor.start(harness.part("slow", "sleep 60", ready=never))

    def test_a_command_that_fails_stops_the_start(self, harness: SupervisorHarness) -> None:
        harness.supervisor.run("Tables", "migrate", ["sh", "-c", "exit 0"], harness.root)
        with pytest.raises(CannotStart, match=r"Tables: exit code 7; .*no such column"):
            harness.supervisor.run("Tables", "migrate", ["sh", "-c", "echo no such column; exit 7"], harness.root)

    def test_it_may_be_told_to_stop_while_it_waits(self, harness: SupervisorHarness) -> None:
        def ready() -> bool:
            signal.raise_signal(signal.SIGTERM)
            return False

        with pytest.raises(StopAsked):
            harness.supervisor.start(harness.part("slow", "sleep 60", ready=ready))


class TestPrepare:
    def test_what_had_to_be_repaired_before_a_start_is_told(self, harness: SupervisorHarness) -> None:
        words = iter([None, "Its file was torn"])
        harness.supervisor.start(
            harness.part("well", SERVE.format("well"), prepare=lambda: next(words)),
            harness.part("torn", SERVE.format("torn"), prepare=lambda: next(words)),
        )
        assert [line for line in harness.look().splitlines() if line.startswith("!")] == ["! Its file was torn"]


class TestBackOff:
    def kill(self, harness: SupervisorHarness) -> None:
        process = harness.supervisor._running[0].process
        process.kill()
        wait_until_gone(process.pid)

    def test_it_waits_longer_after_each_failure_and_forgets_after_a_steady_minute(
        self, harness: SupervisorHarness
    ) -> None:
        harness.supervisor.start(harness.part("frail", SERVE.format("frail")))
        for seconds in ("0.5", "1", "2"):
            self.kill(harness)
            assert harness.look().splitlines()[-1].startswith(f"! Frail ended (signal KILL); next try in {seconds} s.")
            said = harness.look()
            assert said == harness.look(), "it is down, and its time has not come"
            harness.now += float(seconds)
            harness.look()
            assert harness.look().splitlines()[-1] == "✓ Frail is back"
        harness.now += 61
        self.kill(harness)
        assert "next try in 0.5 s" in harness.look().splitlines()[-1]

    def test_what_a_dead_part_had_started_dies_before_the_next_try(self, harness: SupervisorHarness) -> None:
        script = 'setsid sleep 60 & echo $! > "$ROOT/orphan"; touch "$ROOT/parent.up"; wait'
        harness.supervisor.start(harness.part("parent", script))
        orphan = int((harness.root / "orphan").read_text(encoding="ascii"))
        self.kill(harness)
        harness.look()
        wait_until_gone(orphan)


class TestLeftovers:
    def test_those_of_this_folder_are_ended_and_no_others(self, harness: SupervisorHarness, tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        with Signals() as signals:
            neighbour = SupervisorHarness(other, signals)
            neighbour.supervisor.start(neighbour.part("near", SERVE.format("near")))
            harness.supervisor.start(harness.part("old", SERVE.format("old")))
            assert leftovers.end_all(harness.root, patience=1) >= 1
            assert harness.supervisor._running[0].process.wait(timeout=2) is not None
            assert neighbour.supervisor._running[0].process.poll() is None
            neighbour.supervisor.stop()
