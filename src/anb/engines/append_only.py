"""Valkey's append-only file after a power loss: its last blocks may be zeros, and then Valkey does not start.

A file system may store a file's new length before its new blocks. Valkey tolerates a truncated file but not this one
(valkey-io/valkey issue 1148). The queue holds only messages that PostgreSQL can send again, so it may start empty.
"""

import mmap
import shutil
from pathlib import Path

FOLDER = "appendonlydir"  # in Valkey's own, by its default


def set_aside_if_torn(data: Path) -> Path | None:
    """Move the append-only files away when one holds a NUL; return where to, in place of an earlier copy.

    `data` is Valkey's working folder, and Valkey must not be running. The commands of this queue are text, so a NUL
    marks bytes that were never written. The snapshot before them is binary and complete: Valkey waits until it is on
    disk.
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
            return False  # mmap rejects an empty file
        with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
            return mapped.find(b"\0") >= 0
