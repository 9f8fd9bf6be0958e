"""The lab's processes end with all they started, also one that no longer dies with whoever started it."""

import os
import sys
import time
from pathlib import Path

import pytest
from deploy.lab import fabric
from deploy.lab.parts import Parts

# As dnsmasq is: a change of its rights makes the kernel forget that it dies with its parent (PR_SET_PDEATHSIG).
DEAF = "import ctypes, pathlib, time; ctypes.CDLL(None).prctl(1, 0); pathlib.Path({!r}).touch(); time.sleep(600)"

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="process namespaces are root's to make"),
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),  # the next run may end it
]


def living(word: str) -> list[str]:
    """Return the processes whose command has a word."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()):
            try:
                words = (entry / "cmdline").read_bytes().decode()
            except OSError:  # it ended while we looked
                continue
            found += [entry.name] * (word in words)
    return found


class TestStop:
    def test_nothing_is_left_of_a_part(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fabric, "entering", lambda _name, command: [str(word) for word in command])
        ready, parts = tmp_path / "ready", Parts.of(tmp_path)
        parts.start("deaf", "nowhere", [sys.executable, "-c", DEAF.format(str(ready))])
        deadline = time.monotonic() + 20
        while not ready.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert living(str(ready))
        parts.stop("deaf")
        assert living(str(ready)) == []
        assert not parts.alive("deaf")
