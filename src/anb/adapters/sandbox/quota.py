"""A limit on the bytes that a sandboxed program writes, all files together: its folder is measured while it runs.

No kernel gives an unprivileged process a quota for a folder, and the limit on one file (RLIMIT_FSIZE) does not limit
their number. So the folder is measured twenty times a second. The system call filter prevents hiding bytes: no file may
lose its name, or be made without one.
"""

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen

TICK = 0.05  # seconds between two measurements
BLOCK = 512  # bytes, as st_blocks counts
LEAST = 4096  # for each name in a folder, even for an empty file: names take space too


class QuotaExceeded(Exception):
    """The program was killed, because it wrote more than it may."""


@contextmanager
def kept(process: Popen[bytes], folder: Path, most: int) -> Iterator[None]:
    """Kill a program whose folder grows beyond `most` bytes. Raises QuotaExceeded on leaving if it did."""
    ended, found = threading.Event(), [0]

    def look() -> None:
        while not ended.wait(TICK):
            found[0] = taken(folder)
            if found[0] > most:
                process.kill()
                return

    watcher = threading.Thread(target=look, name="quota", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
    # Once more at the end: a program that wrote too much between two measurements and ended broke the rule as well.
    found[0] = max(found[0], taken(folder))
    if found[0] > most:
        raise QuotaExceeded(f"it wrote {found[0]} bytes; at most {most} are allowed")


def taken(folder: Path) -> int:
    """Return the bytes that a folder takes on its disk. Files that vanish meanwhile are not counted."""
    total, open_ones = 0, [str(folder)]
    while open_ones:
        with suppress(OSError), os.scandir(open_ones.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    about = entry.stat(follow_symlinks=False)
                    total += max(about.st_blocks * BLOCK, LEAST)
                    if stat.S_ISDIR(about.st_mode):
                        open_ones.append(entry.path)
    return total
