"""From outside into a lab host: run a script there, take its power away, give it back."""

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARGIN_SECONDS = 20  # beyond what the keeper itself waits


class HostFailed(Exception):
    """A script inside a host ended with another code than 0; the text says which and what it printed."""


@dataclass(frozen=True)
class Done:
    """How a script ended: its exit code (-1: no answer, the host has no power) and what it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Line:
    """The line into one host, by the folder of its keeper."""

    name: str
    folder: Path

    def try_run(self, script: str, seconds: float = 60) -> Done:
        """Run a bash script as root inside the host; it has so many seconds."""
        return Done(**self._ask({"script": script, "seconds": seconds}, seconds))

    def run(self, script: str, seconds: float = 60) -> str:
        """Run a script that must succeed and return what it printed. Raises HostFailed."""
        done = self.try_run(script, seconds)
        if done.code != 0:
            raise HostFailed(f"{self.name}: exit code {done.code} of {script!r}\n{done.out[-2000:]}{done.err[-2000:]}")
        return done.out

    def cut_power(self) -> None:
        """Stop the host as a failing supply would: nothing is written any more, nobody is told."""
        self._ask({"power": "cut"}, 10)

    def give_power(self) -> None:
        """Start the host's kernel."""
        self._ask({"power": "on"}, 10)

    def boot(self) -> str:
        """Return the id of the boot that is up and answers, or nothing."""
        try:
            return str(self._ask({"power": "state"}, 10)["boot"])
        except (FileNotFoundError, ConnectionRefusedError):  # its keeper is only just starting
            return ""

    def wait(self, seconds: float = 120) -> None:
        """Wait until the host answers. Raises HostFailed."""
        deadline = time.monotonic() + seconds
        while not self.boot():
            if time.monotonic() > deadline:
                raise HostFailed(f"{self.name} does not answer after {seconds:g} s: see {self.folder}/console.log")
            time.sleep(0.2)

    def _ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(seconds + MARGIN_SECONDS)
            with reach(self.folder / "agent.sock") as path:
                caller.connect(path)
            caller.sendall(json.dumps(request).encode() + b"\n")
            with caller.makefile("rb") as answer:
                reply: dict[str, Any] = json.loads(answer.readline())
                return reply


@contextlib.contextmanager
def reach(path: Path) -> Iterator[str]:
    """Name a socket within the 107 bytes that the kernel allows: by its folder's open handle."""
    folder = os.open(path.parent, os.O_PATH)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
