"""What processes weigh: PSS and RSS of some, with all they have started."""

from collections.abc import Iterable

import psutil

MIB = 1024 * 1024


def weigh(roots: Iterable[psutil.Process]) -> tuple[float, float]:
    """Return PSS and RSS in MiB. Shared pages count once in PSS, in every process in RSS."""
    pss = rss = 0
    for process in _families(roots):
        try:
            if not _is_itself(process):
                continue
            full = process.memory_full_info()
        except psutil.Error:
            continue  # it ended while we looked
        pss, rss = pss + full.pss, rss + full.rss
    return pss / MIB, rss / MIB


def _families(roots: Iterable[psutil.Process]) -> Iterable[psutil.Process]:
    for root in roots:
        yield root
        yield from root.children(recursive=True)


def _is_itself(process: psutil.Process) -> bool:
    """Say whether a process has memory of its own: between fork and exec it still shows its parent's, all of it."""
    parent = process.parent()
    return process.num_threads() > 1 or parent is None or process.cmdline() != parent.cmdline()
