"""Valkey's append-only file after a loss of power: what was written last may be zeros, and Valkey then starts no more.

A file system may keep a file's new length before its new blocks. Valkey forgives a file that was cut short, not this
(valkey-io/valkey issue 1148); and the queue is only sent again what PostgreSQL knows, so it may begin empty.
"""

import mmap
import shutil
from pathlib import Path

FOLDER = "appendonlydir"  # in Valkey's own, by its default


def set_aside_if_torn(data: Path) -> Path | None:
    """Move the append-only files away when one holds a NUL; return where to, in place of what was there before.

    `data` is the folder Valkey works in, which must not run. The commands of this queue are text: where a NUL is,
    nothing was written. The snapshot they go on from is binary, and whole, for Valkey waits until it is on the disk.
    """
    folder = data / FOLDER
    if not any(_has_nul(path) for path in sorted(folder.glob("*.incr.aof"))):
        return None
    aside = data / f"{FOLDER}.torn"
    shutil.rmtree(aside, ignore_errors=True)
    return folder.rename(aside)


def _has_nul(path: Path) -> bool:
    with path.open("rb") as file:
        if not path.stat().st_size:
            return False  # mmap takes no empty file
        with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
            return mapped.find(b"\0") >= 0
