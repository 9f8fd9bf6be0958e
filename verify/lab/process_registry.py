"""The lab's processes: each is recorded in a file, ends with its children, and is found again by the next run."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from verify.lab import network

ENDING_SECONDS = 10


@dataclass(frozen=True)
class ProcessRegistry:
    """The folder that records the lab's processes, one file each: its id and when it began."""

    folder: Path

    @classmethod
    def of(cls, standing: Path) -> "ProcessRegistry":
        """Return the processes of the lab in a folder."""
        return cls(standing / "parts")

    def start(
        self, name: str, namespace: str, command: Sequence[str | Path], env: Mapping[str, str] | None = None
    ) -> None:
        """Start a process in a network namespace and a new process namespace, with which all its children end."""
        self.folder.mkdir(parents=True, exist_ok=True)
        walls = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", *command]
        with (self.folder / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(
                network.entering(namespace, walls),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **(env or {})},
            )
        (self.folder / f"{name}.pid").write_text(f"{child.pid} {_began(child.pid)}", encoding="ascii")

    def stop(self, name: str) -> None:
        """End a process and wait for its end. Forget one that has already ended."""
        note = self.folder / f"{name}.pid"
        with contextlib.suppress(FileNotFoundError, ValueError):
            number, began = note.read_text(encoding="ascii").split()
            # Another process may have the id by now: only one that began at that moment is ours.
            if _began(int(number)) == began:
                # The namespace's first process ends the others. It should die with its parent, but the kernel forgets
                # that if its rights change, as dnsmasq's do.
                started = [(child, _began(child)) for child in _children(int(number))]
                for each, since in (*started, (int(number), began)):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(each, signal.SIGKILL)
                        _await_end(each, since)
        note.unlink(missing_ok=True)

    def alive(self, name: str) -> bool:
        """Return whether a process is running."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            number, began = (self.folder / f"{name}.pid").read_text(encoding="ascii").split()
            return _began(int(number)) == began
        return False

    def stop_all(self) -> None:
        """End all processes, including those of an interrupted run."""
        for note in sorted(self.folder.glob("*.pid")):
            self.stop(note.stem)


def _began(number: int) -> str:
    """Return when a process began, in ticks, or nothing if it has ended or is a zombie."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        threads = len(list(Path(f"/proc/{number}/task").iterdir()))  # the first may have ended before others
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] == "Z" and threads == 1 else fields[19]


def _children(number: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii").split()]


def _await_end(number: int, began: str) -> None:
    deadline = time.monotonic() + ENDING_SECONDS
    while _began(number) == began != "":
        if time.monotonic() > deadline:
            raise TimeoutError(f"process {number} of the lab does not end")
        time.sleep(0.02)
