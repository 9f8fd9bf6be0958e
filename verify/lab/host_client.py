"""Controls a lab host from outside: runs scripts on it, cuts its power, and restores it."""

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verify.lab import network
from verify.lab.guest.agent import PORT

MARGIN_SECONDS = 30  # beyond a script's own time limit: a busy host answers late
HEARING_SECONDS = 5  # within which a running host accepts a connection


class HostFailed(Exception):
    """A script on a host ended with a code other than 0; the text contains code and output."""


@dataclass(frozen=True)
class Done:
    """The result of a script: its exit code (-1: no answer) and its output."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class HostClient:
    """A client of one host: its address on the control network, and the folder of its supervisor."""

    name: str
    address: str
    folder: Path

    def try_run(self, script: str, seconds: float = 60) -> Done:
        """Run a bash script as root on the host, for at most `seconds`."""
        try:
            return Done(**self._ask({"script": script, "seconds": seconds}, seconds + MARGIN_SECONDS))
        except (OSError, json.JSONDecodeError) as error:  # no power, not up yet, or lost its power meanwhile
            return Done(-1, "", f"no answer: {error}")

    def run(self, script: str, seconds: float = 60) -> str:
        """Run a script that must succeed, and return its output. Raises HostFailed."""
        done = self.try_run(script, seconds)
        if done.code != 0:
            asked = script if len(script) < 200 else f"{script[:200]} …"
            raise HostFailed(f"{self.name}: code {done.code} of {asked!r}\n{done.out[-2000:]}{done.err[-2000:]}")
        return done.out

    def cut_power(self) -> None:
        """Stop the host like a power failure: nothing more is written, and no peer is notified."""
        self._power("cut")

    def give_power(self) -> None:
        """Start the host's kernel."""
        self._power("on")

    def has_power(self) -> bool:
        """Return whether the host's kernel runs. After a shutdown it does not."""
        return self._power("state") == "on"

    def boot(self) -> str:
        """Return the id of the current boot, or nothing if the host does not answer."""
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
        with network.within("vpc"):
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
    """Yield a path of a socket within the kernel's limit of 107 bytes, through an open handle of its folder."""
    folder = os.open(path.parent, os.O_PATH)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
