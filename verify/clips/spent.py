"""CPU time of this process and its children, including those that a sandbox leaves behind."""

import ctypes
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil

PR_SET_CHILD_SUBREAPER = 36
SANDBOX = "bwrap"


@contextmanager
def counted() -> Iterator[Callable[[], float]]:
    """Yield a function that returns the seconds used since then.

    Bubblewrap ends without waiting for the first process of its cell, so FFmpeg's time in it would be lost. Meanwhile
    such a process becomes our child, and we wait for it.
    """
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        begun = _seconds()
        yield lambda: _seconds() - begun
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _seconds() -> float:
    for child in psutil.Process().children():
        with suppress(psutil.Error, ChildProcessError):
            if child.name() == SANDBOX:
                os.waitpid(child.pid, 0)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
