"""How much processor time a process and all its children have used, by Linux's /proc; unknown elsewhere."""

import os
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
# Fields of /proc/<pid>/stat, counted from after the name: user and system time, in ticks.
USER, SYSTEM = 11, 12
DEEPEST = 8  # a sandbox is four processes deep


def seconds(pid: int, depth: int = DEEPEST) -> float:
    """Return the processor seconds of a process and its running descendants."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        children = [
            int(child)
            for task in (PROC / str(pid) / "task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except (OSError, ValueError):
        return 0.0  # it ended meanwhile
    own = (int(fields[USER]) + int(fields[SYSTEM])) / TICKS
    return own + sum(seconds(child, depth - 1) for child in children if depth)
