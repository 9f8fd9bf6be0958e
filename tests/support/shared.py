"""Things that a whole test run shares: made on first use, ended by the process that began the run."""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from support.waiting import until

FOLDER = "ANB_TEST_RUN_FOLDER"
_kept: list[subprocess.Popen[bytes]] = []


def begin() -> None:
    """Make the folder of this run; workers find it through the environment."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="anb-test-")


def begun() -> bool:
    """Say whether another process began this run: that process also ends it."""
    return FOLDER in os.environ


def folder() -> Path:
    """Return the folder of this run."""
    return Path(os.environ[FOLDER])


def once(name: str, make: Callable[[Path], str]) -> str:
    """Make a thing in a folder of its own, once per run, and return its description of itself."""
    place = folder() / name
    place.mkdir(exist_ok=True)
    with (folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = place / "said"
        if not said.exists():
            said.write_text(make(place))
        return said.read_text()


def keep_running(name: str, command: Sequence[str | Path], log: Path, **options: Any) -> subprocess.Popen[bytes]:
    """Start a process that ends with the run, not with the worker that needed it first."""
    with log.open("w") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, **options
        )
    _kept.append(process)
    (folder() / f"{name}.pid").write_text(str(process.pid))
    return process


def disown(process: subprocess.Popen[bytes]) -> None:
    """Leave a started process to the end of the run: the worker that needed it first ends before it."""
    process.returncode = 0


def end() -> None:
    """End the recorded processes and remove the folder."""
    pids = [int(path.read_text()) for path in folder().glob("*.pid")]
    for pid in pids:
        _signal(pid, signal.SIGTERM)
    with suppress(AssertionError):  # a process that does not end is killed
        until(lambda: not any(_runs(pid) for pid in pids), 15)
    for pid in pids:
        _signal(pid, signal.SIGKILL)
    shutil.rmtree(folder(), ignore_errors=True)


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _runs(pid: int) -> bool:
    """Say whether a process runs; one that has ended but was not waited for does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
