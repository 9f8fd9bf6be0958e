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

from deploy.lab import fabric
from deploy.lab.guest.agent import PORT

MARGIN_SECONDS = 30  # beyond a script's own time: a host under load answers late
HEARING_SECONDS = 5  # in which a host that is up takes a connection


class HostFailed(Exception):
    """A script inside a host ended with another code than 0; the text says which and what it printed."""


@dataclass(frozen=True)
class Done:
    """How a script ended: its exit code (-1: no answer) and what it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Line:
    """The line into one host: its address on the lab's own network, and the folder of its keeper."""

    name: str
    address: str
    folder: Path

    def try_run(self, script: str, seconds: float = 60) -> Done:
        """Run a bash script as root inside the host; it has so many seconds."""
        try:
            return Done(**self._ask({"script": script, "seconds": seconds}, seconds + MARGIN_SECONDS))
        except (OSError, json.JSONDecodeError) as error:  # no power, not up yet, or it lost its power meanwhile
            return Done(-1, "", f"no answer: {error}")

    def run(self, script: str, seconds: float = 60) -> str:
        """Run a script that must succeed and return what it printed. Raises HostFailed."""
        done = self.try_run(script, seconds)
        if done.code != 0:
            asked = script if len(script) < 200 else f"{script[:200]} …"
            raise HostFailed(f"{self.name}: code {done.code} of {asked!r}\n{done.out[-2000:]}{done.err[-2000:]}")
        return done.out

    def cut_power(self) -> None:
        """Stop the host as a failing supply would: nothing is written any more, nobody is told."""
        self._power("cut")

    def give_power(self) -> None:
        """Start the host's kernel."""
        self._power("on")

    def has_power(self) -> bool:
        """Return whether the host's kernel runs: one that was shut down does not."""
        return self._power("state") == "on"

    def boot(self) -> str:
        """Return the id of the boot that is up and answers, or nothing."""
        try:
            return str(self._ask({}, HEARING_SECONDS)["boot"])
        except (OSError, json.JSONDecodeError):
            return ""

    def wait(self, seconds: float = 120) -> None:
        """Wait until the host answers. Raises HostFailed."""
        deadline = time.monotonic() + seconds
        while not self.boot():
            if time.monotonic() > deadline:
                raise HostFailed(f"{self.name} does not answer after {seconds:g} s: see {self.folder}/console.log")
            time.sleep(0.2)

    def _ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        with fabric.within("vpc"):
            caller = socket.create_connection((self.address, PORT), timeout=HEARING_SECONDS)
        with caller, caller.makefile("rb") as answer:
            caller.settimeout(seconds)
            caller.sendall(json.dumps(request).encode() + b"\n")
            reply: dict[str, Any] = json.loads(answer.readline())
            return reply

    def _power(self, word: str) -> str:
        with socket.socket(socket.AF_UNIX) as caller, reach(self.folder / "power.sock") as path:
            caller.settimeout(MARGIN_SECONDS)
            caller.connect(path)
            caller.sendall(f"{word}\n".encode())
            return caller.recv(16).decode("ascii").strip()


@contextlib.contextmanager
def reach(path: Path) -> Iterator[str]:
    """Name a socket within the 107 bytes that the kernel allows: by its folder's open handle."""
    folder = os.open(path.parent, os.O_PATH)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
