"""The lab's processes: each is known by a file, ends with all it started, and is found again by the next run."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.lab import fabric

ENDING_SECONDS = 10


@dataclass(frozen=True)
class Parts:
    """The folder where the lab's processes are written down, one file each: its id and when it began."""

    folder: Path

    @classmethod
    def of(cls, standing: Path) -> "Parts":
        """Return those of the lab that stands in a folder."""
        return cls(standing / "parts")

    def start(
        self, name: str, namespace: str, command: Sequence[str | Path], env: Mapping[str, str] | None = None
    ) -> None:
        """Start a process in a network namespace, in a process namespace of its own: when it ends, nothing is left."""
        self.folder.mkdir(parents=True, exist_ok=True)
        walls = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", *command]
        with (self.folder / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(
                fabric.entering(namespace, walls),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **(env or {})},
            )
        (self.folder / f"{name}.pid").write_text(f"{child.pid} {_began(child.pid)}", encoding="ascii")

    def stop(self, name: str) -> None:
        """End a process and wait until it is gone; one that is gone already is forgotten."""
        note = self.folder / f"{name}.pid"
        with contextlib.suppress(FileNotFoundError, ValueError):
            number, began = note.read_text(encoding="ascii").split()
            # The id may be somebody else's by now: only who began at that moment is ours.
            if _began(int(number)) == began:
                # The namespace's first process ends all in it. It should die with its parent, but a change of its
                # rights, as dnsmasq makes, has the kernel forget that.
                started = [(child, _began(child)) for child in _children(int(number))]
                for each, since in (*started, (int(number), began)):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(each, signal.SIGKILL)
                        _await_end(each, since)
        note.unlink(missing_ok=True)

    def alive(self, name: str) -> bool:
        """Return whether a process runs."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            number, began = (self.folder / f"{name}.pid").read_text(encoding="ascii").split()
            return _began(int(number)) == began
        return False

    def stop_all(self) -> None:
        """End all of them, also those of a run that was interrupted."""
        for note in sorted(self.folder.glob("*.pid")):
            self.stop(note.stem)


def _began(number: int) -> str:
    """Return when a process began, in ticks; nothing for one that is gone or only waits to be collected."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        threads = len(list(Path(f"/proc/{number}/task").iterdir()))  # the first may be gone, and others be still ending
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
