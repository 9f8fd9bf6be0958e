"""Starts the parts in order, brings back what dies, and stops all of it in reverse order."""

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from anb.stack import child, leftovers
from anb.stack.errors import CannotStart
from anb.stack.part import Part, delay, outcome
from anb.stack.show import Show
from anb.stack.signals import Signals

START_SECONDS = 60  # a database may have much to recover
STEADY_SECONDS = 60  # a part that lived this long has no failures behind it
TICK = 0.05


@dataclass
class _Running:
    """A part and how it fares."""

    part: Part
    process: subprocess.Popen[bytes]
    begun: float
    failures: int = 0
    retry_at: float | None = None  # it is down until then
    returning: bool = False  # started again, not yet ready


class Supervisor:
    """The parts of one data folder."""

    def __init__(
        self,
        root: Path,
        environment: Mapping[str, str],
        show: Show,
        signals: Signals,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = root
        self._environment = {**environment, child.MARK: str(root)}
        self._show = show
        self._signals = signals
        self._clock = clock
        self._running: list[_Running] = []

    def start(self, *parts: Part) -> None:
        """Start parts that need not wait for each other, then see each ready. Raises CannotStart, StopAsked."""
        begun, before = time.monotonic(), len(self._running)
        for part in parts:
            self._running.append(_Running(part, self._spawn(part), self._clock()))
        for running in self._running[before:]:
            with self._show.step(running.part.title, begun=begun):
                self._check_start(running)
                while not running.part.ready():
                    self._signals.wait(TICK)
                    self._check_start(running)

    def run(self, title: str, name: str, command: list[str], folder: Path) -> None:
        """Run a command to its end. Raises CannotStart when it fails, StopAsked."""
        with self._show.step(title, done="done"):
            process = child.spawn(command, log=self.log(name), folder=folder, environment=self._environment)
            try:
                while process.poll() is None:
                    self._signals.wait(TICK)
            finally:
                child.kill_group(process.pid)
                process.wait()
            if process.returncode:
                raise CannotStart(f"{title}: {outcome(process.returncode)}; {self._why(name)}")

    def watch(self) -> None:
        """Bring back what dies, until StopAsked."""
        while True:
            for running in self._running:
                self.look_after(running)
            waiting = any(running.returning or running.retry_at is not None for running in self._running)
            self._signals.wait(TICK if waiting else 1)

    def stop(self) -> None:
        """Stop every part, last started first; nothing of them is left."""
        while self._running:
            running = self._running.pop()
            child.end(running.process, running.part.stop, running.part.patience)
        leftovers.end_all(self._root, patience=0.5)

    def log(self, name: str) -> Path:
        """Return the log of a part."""
        return self._root / "logs" / f"{name}.log"

    def look_after(self, running: _Running) -> None:
        """Do what one part needs at this moment."""
        if running.retry_at is not None:
            if self._clock() >= running.retry_at:
                running.process, running.begun = self._spawn(running.part), self._clock()
                running.retry_at, running.returning = None, True
        elif running.process.poll() is not None:
            self._mourn(running)
        elif running.returning and running.part.ready():
            running.returning = False
            self._show.line(f"{running.part.title} is back", mark="✓", style="green")

    def _mourn(self, running: _Running) -> None:
        """Note a death and when to try again."""
        part, now = running.part, self._clock()
        child.kill_group(running.process.pid)
        leftovers.kill_part(self._root, part.name)
        running.failures = 1 if now - running.begun > STEADY_SECONDS else running.failures + 1
        running.retry_at, running.returning = now + delay(running.failures), False
        how = outcome(running.process.returncode)
        self._show.trouble(
            f"{part.title} ended ({how}); next try in {delay(running.failures):g} s. Log: {self.log(part.name)}"
        )

    def _spawn(self, part: Part) -> subprocess.Popen[bytes]:
        if trouble := part.prepare():
            self._show.trouble(trouble)
        environment = {**self._environment, child.PART: part.name}
        return child.spawn(
            part.command, log=self.log(part.name), folder=part.folder, environment=environment, when_orphaned=part.stop
        )

    def _check_start(self, running: _Running) -> None:
        title, name = running.part.title, running.part.name
        if running.process.poll() is not None:
            raise CannotStart(f"{title} ended ({outcome(running.process.returncode)}); {self._why(name)}")
        if self._clock() - running.begun > START_SECONDS:
            raise CannotStart(f"{title} is not ready after {START_SECONDS} s; {self._why(name)}")

    def _why(self, name: str) -> str:
        return child.last_words(self.log(name))
