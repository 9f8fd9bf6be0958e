"""What lies on the share, folder by folder: never all of it in memory."""

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from anb.errors import Outage
from anb.ports import Found


class SharedInventory:
    """The files below the media root, as they are."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def walk(self, kind: str) -> Iterator[Found]:
        """Yield the files below a folder of the media root; links are not followed, nor seen."""
        for folder, _, names in os.walk(self._root / kind):
            for name in names:
                found = self.look(str(Path(folder, name).relative_to(self._root)))
                if found is not None:
                    yield found

    def look(self, key: str) -> Found | None:
        """Look at one file; None when it is not there."""
        path = self._root / key
        try:
            seen = path.lstat()
        except FileNotFoundError:
            return None
        return Found(key, seen.st_size, time.time() - seen.st_mtime) if path.is_file() else None

    def digest(self, key: str) -> str:
        """Return the SHA-256 of a file, in hex. Raises Outage."""
        try:
            with (self._root / key).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise Outage(f"the share does not give {key}: {error.strerror}") from error
