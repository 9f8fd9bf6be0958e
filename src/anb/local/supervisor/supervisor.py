"""Starts the services in order, restarts those that die, and stops them in reverse order."""

import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from anb.engines.errors import CannotStart
from anb.local.supervisor import child, leftovers
from anb.local.supervisor.service_spec import WITHHELD, ServiceSpec, delay, outcome
from anb.local.supervisor.signals import Signals
from anb.local.terminal import Show

START_SECONDS = 60  # a database may need time to recover
STEADY_SECONDS = 60  # a service that ran this long starts again without earlier failures
TICK = 0.05


@dataclass
class _Running:
    """A service and its current state."""

    part: ServiceSpec
    process: subprocess.Popen[bytes]
    begun: float
    failures: int = 0
    retry_at: float | None = None  # it is down until then
    returning: bool = False  # started again, not ready yet


class Supervisor:
    """The services of one data folder."""

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

    def start(self, *parts: ServiceSpec) -> None:
        """Start services that need not wait for each other, then await each. Raises CannotStart, StopAsked."""
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
        """Restart services that die, until StopAsked."""
        while True:
            for running in self._running:
                self.look_after(running)
            waiting = any(running.returning or running.retry_at is not None for running in self._running)
            self._signals.wait(TICK if waiting else 1)

    def stop(self) -> None:
        """Stop every service, last started first, with all their processes."""
        while self._running:
            running = self._running.pop()
            child.end(running.process, running.part.stop, running.part.patience)
        leftovers.end_all(self._root, patience=0.5)

    def log(self, name: str) -> Path:
        """Return the log of a service."""
        return self._root / "logs" / f"{name}.log"

    def look_after(self, running: _Running) -> None:
        """Do what one service needs at this moment."""
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
        """Report a death and schedule the next try."""
        part, now = running.part, self._clock()
        child.kill_group(running.process.pid)
        leftovers.kill_part(self._root, part.name)
        running.failures = 1 if now - running.begun > STEADY_SECONDS else running.failures + 1
        running.retry_at, running.returning = now + delay(running.failures), False
        how = outcome(running.process.returncode)
        self._show.warn(
            f"{part.title} ended ({how}); next try in {delay(running.failures):g} s. Log: {self.log(part.name)}"
        )

    def _spawn(self, part: ServiceSpec) -> subprocess.Popen[bytes]:
        if problem := part.prepare():
            self._show.warn(problem)
        withheld = WITHHELD - part.needs
        told = {name: value for name, value in self._environment.items() if name not in withheld}
        environment = {**told, **part.given, child.PART: part.name}
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
