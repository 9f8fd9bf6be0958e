"""PSS, RSS and processor time of processes and their children."""

from collections.abc import Iterable
from contextlib import suppress

import psutil

from anb.settings import MIB


def children(*names: str) -> list[psutil.Process]:
    """Return our child processes whose command or title contains one of these names."""
    found = []
    for process in psutil.Process().children():
        with suppress(psutil.Error):  # it ended meanwhile
            command = " ".join(process.cmdline())
            found += [process] if any(name in command for name in names) else []
    return found


def weigh(roots: Iterable[psutil.Process]) -> tuple[float, float]:
    """Return PSS and RSS in MiB. PSS counts shared pages once, RSS in every process."""
    pss = rss = 0
    for process in _families(roots):
        try:
            if not _is_itself(process):
                continue
            full = process.memory_full_info()
        except psutil.Error:
            continue  # it ended meanwhile
        pss, rss = pss + full.pss, rss + full.rss
    return pss / MIB, rss / MIB


def spent(roots: Iterable[psutil.Process]) -> float:
    """Return the processor seconds of processes and their children."""
    taken = 0.0
    for process in _families(roots):
        with suppress(psutil.Error):  # it ended meanwhile
            times = process.cpu_times()
            taken += times.user + times.system
    return taken


def _families(roots: Iterable[psutil.Process]) -> Iterable[psutil.Process]:
    for root in roots:
        yield root
        yield from root.children(recursive=True)


def _is_itself(process: psutil.Process) -> bool:
    """Return whether a process has its own memory: between fork and exec it still reports its parent's."""
    parent = process.parent()
    return process.num_threads() > 1 or parent is None or process.cmdline() != parent.cmdline()
