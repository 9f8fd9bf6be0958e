"""How long processes have waited for a processor, so that a busy machine is not blamed on the file.

The kernel counts it in /proc/PID/schedstat: nanoseconds run, nanoseconds ready to run but waiting, and time slices. A
process that sleeps on purpose does not count as waiting. Where the kernel does not count, the wait is 0.
"""

from pathlib import Path

import psutil

PROC = Path("/proc")
NANOSECONDS = 1e-9


def waited(pid: int, proc: Path = PROC) -> float:
    """Return for how many seconds a process and its descendants have waited for a processor."""
    return sum(_waited(one, proc) for one in _with_all_below(pid))


def is_blocked(pid: int) -> bool:
    """Say whether one of them is waiting for a disk or a share right now."""
    return any(_state(one) == psutil.STATUS_DISK_SLEEP for one in _with_all_below(pid))


def _with_all_below(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _waited(process: psutil.Process, proc: Path) -> float:
    try:
        _ran, waiting, _turns = (proc / str(process.pid) / "schedstat").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return 0.0
    return int(waiting) * NANOSECONDS


def _state(process: psutil.Process) -> str:
    try:
        return str(process.status())
    except psutil.Error:
        return psutil.STATUS_DEAD
