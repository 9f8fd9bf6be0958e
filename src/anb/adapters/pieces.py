"""Files that come in pieces: durable before their row says so, and out of reach of whoever lost their turn."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from anb.adapters.disk import answering, make_folder, sync_folder
from anb.errors import Outage
from anb.ports import Stored


class SharedPieces:
    """Parts below the media root."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def resume(self, key: str, offset: int) -> "PartFile":
        """Go on after so many bytes, dropping what lies behind them. Raises Outage where there are fewer."""
        with answering():
            return PartFile(self._root, key, offset)

    def copy(self, key: str, new_key: str, size: int) -> None:
        """Make a durable copy of the first `size` bytes, on the server where the file system can (NFS 4.2, XFS)."""
        with answering(), (self._root / key).open("rb") as source, (self._root / new_key).open("xb") as target:
            done = 0
            while done < size:
                copied = os.copy_file_range(source.fileno(), target.fileno(), size - done)
                if not copied:
                    raise Outage(f"{key} is shorter than the {size} bytes its row says")
                done += copied
            os.fsync(target.fileno())
            sync_folder(self._root / "incoming")


class PartFile:
    """A part that is open at its end."""

    def __init__(self, root: Path, key: str, offset: int) -> None:
        self.path = root / key
        self._root = root
        self._size = offset
        # A hash cannot wait between requests, let alone servers: it goes along only where all comes in one.
        self._hash: Any = None if offset else hashlib.sha256(usedforsecurity=False)
        is_new = not offset and not self.path.exists()
        if is_new:
            make_folder(self.path.parent)
        handle = os.open(self.path, os.O_RDWR | (0 if offset else os.O_CREAT), 0o644)
        self._file = os.fdopen(handle, "r+b", buffering=0)
        try:
            self._go_to(offset)
            if is_new:
                sync_folder(self.path.parent)
        except BaseException:
            self.close()
            raise

    def write(self, chunk: bytes | memoryview) -> None:
        """Append bytes. Raises Outage."""
        with answering():
            rest = memoryview(chunk)
            while rest:
                rest = rest[self._file.write(rest) :]
        if self._hash is not None:
            self._hash.update(chunk)
        self._size += len(chunk)

    def sync(self) -> int:
        """Make what was written durable and return the file's bytes so far. Raises Outage."""
        size = self._size
        with answering():
            os.fsync(self._file.fileno())
        return size

    def settle(self) -> None:
        """Make what was written durable, so that it may be judged."""
        self.sync()

    def keep(self, key: str) -> Stored:
        """Give the file its place under a second name; the part stays until the rows are safe. Raises Outage."""
        target = self._root / key
        with answering():
            make_folder(target.parent)
            target.hardlink_to(self.path)
            sync_folder(target.parent)
            return Stored(key, self._size, self._digest())

    def close(self) -> None:
        """Let go of the file, which stays; harmless when repeated."""
        with suppress(OSError):  # what NFS says at the close of what was not synced is of no account
            self._file.close()

    def _go_to(self, offset: int) -> None:
        if os.fstat(self._file.fileno()).st_size < offset:
            raise Outage(f"{self.path.name} is shorter than the {offset} bytes its row says")
        self._file.truncate(offset)
        self._file.seek(offset)

    def _digest(self) -> str:
        if self._hash is None:
            self._file.seek(0)
            self._hash = hashlib.file_digest(self._file, "sha256")
        digest: str = self._hash.hexdigest()
        return digest
