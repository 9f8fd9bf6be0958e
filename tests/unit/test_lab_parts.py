"""The lab's processes end with all they started, also one that no longer dies with whoever started it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from deploy.lab import fabric, parts
from deploy.lab.parts import Parts

# As dnsmasq is: a change of its rights makes the kernel forget that it dies with its parent (PR_SET_PDEATHSIG).
DEAF = "import ctypes, pathlib, time; ctypes.CDLL(None).prctl(1, 0); pathlib.Path({!r}).touch(); time.sleep(600)"
# Its first thread ends, as a kernel's does when its power is cut; another one goes on.
HEADLESS = """
import ctypes, pathlib, threading, time
threading.Thread(target=time.sleep, args=(600,)).start()
pathlib.Path({!r}).touch()
ctypes.CDLL(None).syscall(60, 0)  # exit, of this thread alone
"""

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


def wait_for(ready: Path) -> None:
    deadline = time.monotonic() + 20
    while not ready.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class TestStop:
    def test_nothing_is_left_of_a_part(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fabric, "entering", lambda _name, command: [str(word) for word in command])
        ready, of_lab = tmp_path / "ready", Parts.of(tmp_path)
        of_lab.start("deaf", "nowhere", [sys.executable, "-c", DEAF.format(str(ready))])
        wait_for(ready)
        assert living(str(ready))
        of_lab.stop("deaf")
        assert living(str(ready)) == []
        assert not of_lab.alive("deaf")


class TestBegan:
    def test_a_process_whose_first_thread_ended_goes_on(self, tmp_path: Path) -> None:
        ready = tmp_path / "ready"
        with subprocess.Popen([sys.executable, "-c", HEADLESS.format(str(ready))]) as headless:
            wait_for(ready)
            status = Path(f"/proc/{headless.pid}/status")
            while "State:\tZ" not in status.read_text(encoding="ascii"):
                time.sleep(0.01)
            began = parts._began(headless.pid)
            headless.kill()
        assert began
        assert not parts._began(headless.pid)
