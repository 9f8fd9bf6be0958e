"""One child process, with a session of its own, a log file, and an end that includes all its descendants."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from anb.process import launcher
from anb.settings import MIB

MARK = "ANB_STACK_FOLDER"  # set for every descendant, to recognise the leftovers of a data folder
PART = "ANB_STACK_PART"
LOG_BYTES = 5 * MIB


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    folder: Path,
    environment: Mapping[str, str],
    when_orphaned: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own; it receives `when_orphaned` if this process is killed.

    The kernel ties the child to the thread that starts it: call this from the main thread.
    """
    tie = [f"--signal={int(when_orphaned)}", f"--parent={os.getpid()}"]
    tied = [sys.executable, "-I", "-S", launcher.__file__, *tie, "--", *command]
    with log.open("ab") as out:
        return subprocess.Popen(
            tied,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes], first: signal.Signals, patience: float) -> None:
    """Ask a child to end, wait up to `patience` seconds, then kill its whole session."""
    if process.poll() is None:
        process.send_signal(first)
    deadline = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    kill_group(process.pid)
    process.wait()


def kill_group(group: int) -> None:
    """Kill a process group; harmless when it no longer exists."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def rotate(log: Path, limit: int = LOG_BYTES) -> None:
    """Set a log that has grown too large aside, in place of the one set aside before."""
    if log.is_file() and log.stat().st_size > limit:
        log.replace(log.with_suffix(".log.1"))


def last_words(log: Path) -> str:
    """Return the last line of a log, for a message of one line."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.is_file() else []
    return f"its last word was “{lines[-1].strip()}” ({log})" if lines else f"it said nothing ({log})"
