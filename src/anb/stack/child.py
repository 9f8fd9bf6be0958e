"""One child process: a session of its own, a leash to us, a log file, and an end that leaves nothing of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from anb.stack import leash

MARK = "ANB_STACK_FOLDER"  # set for every descendant, so that leftovers of a data folder can be told from the rest
PART = "ANB_STACK_PART"
LOG_BYTES = 5 * 1024 * 1024


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    folder: Path,
    environment: Mapping[str, str],
    when_orphaned: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own; it gets the signal `when_orphaned` should this process be killed.

    The kernel ties the leash to the thread that starts the child: call this from the main thread.
    """
    leashed = [sys.executable, "-I", "-S", leash.__file__, str(int(when_orphaned)), str(os.getpid()), *command]
    with log.open("ab") as out:
        return subprocess.Popen(
            leashed,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes], first: signal.Signals, patience: float) -> None:
    """Ask a child to end, wait so many seconds, then kill what is left of its session."""
    if process.poll() is None:
        process.send_signal(first)
    deadline = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    kill_group(process.pid)
    process.wait()


def kill_group(group: int) -> None:
    """Kill a process group; harmless when it is gone."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def rotate(log: Path, limit: int = LOG_BYTES) -> None:
    """Put a log that has grown too large aside, over the one put aside before."""
    if log.is_file() and log.stat().st_size > limit:
        log.replace(log.with_suffix(".log.1"))


def last_words(log: Path) -> str:
    """Say how a log ends, for a message that has one line to tell why."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.is_file() else []
    return f"its last word was “{lines[-1].strip()}” ({log})" if lines else f"it said nothing ({log})"
