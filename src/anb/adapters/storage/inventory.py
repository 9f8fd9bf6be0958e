"""The files on the share, listed one at a time so that memory stays small."""

import hashlib
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from anb import disk_space
from anb.adapters.storage.disk import answering
from anb.errors import Outage
from anb.ports import Found


class SharedInventory:
    """The files below the media root."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def walk(self, kind: str) -> Iterator[Found]:
        """Yield the files below a folder of the media root; links are neither followed nor listed. Raises Outage."""
        for folder, _, names in os.walk(self._root / kind, onerror=_refuse):
            for name in names:
                found = self.look(str(Path(folder, name).relative_to(self._root)))
                if found is not None:
                    yield found

    def look(self, key: str) -> Found | None:
        """Look up one file; None when it does not exist. Raises Outage."""
        try:
            seen = (self._root / key).lstat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Outage(f"the share cannot look up {key}: {error.strerror}") from error
        return Found(key, seen.st_size, time.time() - seen.st_mtime) if stat.S_ISREG(seen.st_mode) else None

    def digest(self, key: str) -> str:
        """Return the SHA-256 of a file, in hex. Raises Outage."""
        try:
            with (self._root / key).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise Outage(f"the share cannot read {key}: {error.strerror}") from error

    def total_bytes(self) -> int:
        """Return the size of the share, used or free. Raises Outage."""
        with answering():
            self._root.mkdir(parents=True, exist_ok=True)
            return disk_space.total_bytes(self._root)


def _refuse(error: OSError) -> None:
    """Raise Outage for a folder that cannot be read: if it were skipped, its files would count as missing."""
    if not isinstance(error, FileNotFoundError):  # not made yet, or removed meanwhile
        raise Outage(f"the share cannot list {error.filename}: {error.strerror}") from error
