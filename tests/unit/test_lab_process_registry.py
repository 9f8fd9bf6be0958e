"""The lab's processes end with all they started, including one that no longer dies with its parent."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from verify.lab import network, process_registry
from verify.lab.process_registry import ProcessRegistry

from support.waiting import until

# Like dnsmasq: a change of its privileges makes the kernel forget that it dies with its parent (PR_SET_PDEATHSIG).
DEAF = "import ctypes, pathlib, time; ctypes.CDLL(None).prctl(1, 0); pathlib.Path({!r}).touch(); time.sleep(600)"
# Its first thread ends, as a kernel's does when its power is cut; another one continues.
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


class TestStop:
    def test_nothing_is_left_of_a_part(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(network, "entering", lambda _name, command: [str(word) for word in command])
        ready, of_lab = tmp_path / "ready", ProcessRegistry.of(tmp_path)
        of_lab.start("deaf", "nowhere", [sys.executable, "-c", DEAF.format(str(ready))])
        until(ready.exists)
        assert living(str(ready))
        of_lab.stop("deaf")
        assert living(str(ready)) == []
        assert not of_lab.alive("deaf")


class TestBegan:
    def test_a_process_whose_first_thread_ended_goes_on(self, tmp_path: Path) -> None:
        ready = tmp_path / "ready"
        with subprocess.Popen([sys.executable, "-c", HEADLESS.format(str(ready))]) as headless:
            until(ready.exists)
            status = Path(f"/proc/{headless.pid}/status")
            until(lambda: "State:\tZ" in status.read_text(encoding="ascii"))
            began = process_registry._began(headless.pid)
            headless.kill()
        assert began
        assert not process_registry._began(headless.pid)
