"""Partial files: durable before their row says so, and out of reach of a request that lost its write lock."""

import os
from contextlib import suppress
from pathlib import Path
from threading import Lock

from anb.adapters.storage.disk import answering, make_folder, sync_folder
from anb.adapters.storage.running_hash import KeptHashes
from anb.adapters.storage.writeback import Writeback
from anb.errors import Outage
from anb.ports import Stored
from anb.settings import MIB

CATCH_UP_BYTES = 4 * MIB  # per step: a few milliseconds, for which an arriving chunk may have to wait


class SharedPartialFiles:
    """Partial files below the media root."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._hashes = KeptHashes()

    def resume(self, key: str, offset: int) -> "PartFile":
        """Open a partial file at an offset and drop the bytes after it. Raises Outage where the file is shorter."""
        with answering():
            return PartFile(self._root, key, offset, self._hashes)

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
    """A partial file, open at its end.

    Arriving bytes are hashed once all earlier ones are; `catch_up` reads earlier bytes again, step by step.
    """

    def __init__(self, root: Path, key: str, offset: int, hashes: KeptHashes) -> None:
        self.path = root / key
        self._root, self._key, self._hashes = root, key, hashes
        self._size = offset
        self._synced: int | None = None
        self._hash = hashes.take(key, offset)
        self._hashing = Lock()
        is_new = not offset and not self.path.exists()
        if is_new:
            make_folder(self.path.parent)
        handle = os.open(self.path, os.O_RDWR | (0 if offset else os.O_CREAT), 0o644)
        self._file = os.fdopen(handle, "r+b", buffering=0)
        self._writeback = Writeback(handle, offset)
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
        with self._hashing:
            if self._hash.size == self._size:
                self._hash.update(chunk)
            self._size += len(chunk)
        self._writeback.reached(self._size)

    def catch_up(self) -> bool:
        """Hash some of the stored bytes that are not hashed yet; return whether more remain. Raises Outage."""
        with self._hashing, answering():
            wanted = min(self._size - self._hash.size, CATCH_UP_BYTES)
            if wanted:
                self._hash.update(self._read(wanted))
            return self._hash.size < self._size

    def remember(self) -> None:
        """Keep the hash for the next chunk. Call it once the row says that these bytes are safe and cannot change."""
        with self._hashing:
            self._hashes.keep(self._key, self._hash)

    def sync(self) -> int:
        """Make the written bytes durable and return the size of the file. Raises Outage."""
        size = self._size
        with answering():
            os.fsync(self._file.fileno())
        self._synced = size
        return size

    def settle(self) -> None:
        """Make the written bytes durable so that the file can be judged."""
        if self._synced != self._size:
            self.sync()

    def keep(self, key: str) -> Stored:
        """Give the file a second name, its key; the partial file stays until the rows are committed. Raises Outage."""
        target = self._root / key
        with answering():
            make_folder(target.parent)
            target.hardlink_to(self.path)
            sync_folder(target.parent)
        while self.catch_up():
            pass
        return Stored(key, self._size, self._hash.hexdigest())

    def close(self) -> None:
        """Close the file without deleting it; harmless when repeated."""
        with suppress(OSError):  # errors that NFS reports on close concern bytes that were never synced
            self._file.close()

    def _go_to(self, offset: int) -> None:
        if os.fstat(self._file.fileno()).st_size < offset:
            raise Outage(f"{self.path.name} is shorter than the {offset} bytes its row says")
        self._file.truncate(offset)
        self._file.seek(offset)

    def _read(self, size: int) -> bytes:
        found = os.pread(self._file.fileno(), size, self._hash.size)
        if not found:
            raise Outage(f"{self.path.name} is shorter than the {self._size} bytes that were written")
        return found
