"""The shared folder: written once, durable before it is named, never locked (NFS)."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

from anb.errors import Outage
from anb.ports import Stored

COPY_BYTES = 1024 * 1024


class SharedDisk:
    """Originals and edits below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._incoming = self._root / "incoming"

    def receive(self) -> "IncomingFile":
        """Open a new file for bytes that come from outside. Raises Outage, as does whatever is done with it."""
        with answering():
            self._incoming.mkdir(parents=True, exist_ok=True)
            return IncomingFile(self._incoming / f"{token_hex(16)}.part", self._root)

    def adopt(self, local: Path, key: str) -> Stored:
        """Copy a finished local file to the share: .part, fsync, rename."""
        arriving = self.receive()
        try:
            with local.open("rb") as source:
                while chunk := source.read(COPY_BYTES):
                    arriving.write(chunk)
            arriving.settle()
            return arriving.keep(key)
        except OSError as error:
            raise Outage(f"the share did not take {key}: {error.strerror}") from error
        finally:
            arriving.discard()

    def path(self, key: str) -> Path:
        """Say where a stored file can be read."""
        return self._root / key

    def delete(self, key: str) -> None:
        """Remove a file; harmless when it is gone already. Raises Outage."""
        with answering():
            self.path(key).unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Say how many bytes the share can still take. Raises Outage."""
        with answering():
            self._root.mkdir(parents=True, exist_ok=True)
            return shutil.disk_usage(self._root).free


class IncomingFile:
    """A .part file on its way in."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path = path
        self._root = root
        self._file: IO[bytes] = open(path, "xb", buffering=0)  # noqa: SIM115, PTH123 - closed by settle or discard
        self._hash: Any = hashlib.sha256(usedforsecurity=False)
        self._size = 0
        self._here = True

    def write(self, chunk: bytes | memoryview) -> None:
        """Append bytes and add them to the hash."""
        rest = memoryview(chunk)
        with answering():
            while rest:
                rest = rest[self._file.write(rest) :]
        self._hash.update(chunk)
        self._size += len(chunk)

    @property
    def sha256(self) -> str:
        """Return the SHA-256, in hex, of what has come so far."""
        digest: str = self._hash.hexdigest()
        return digest

    def settle(self) -> None:
        """Make what was written durable (fsync), so that it may be judged."""
        with answering():
            os.fsync(self._file.fileno())
            self._file.close()

    def keep(self, key: str) -> Stored:
        """Move the settled file to its place and make the move durable."""
        target = self._root / key
        with answering():
            make_folder(target.parent)
            self.path.rename(target)
            self._here = False
            sync_folder(target.parent)
        return Stored(key, self._size, self.sha256)

    def discard(self) -> None:
        """Leave nothing behind; harmless when repeated or after `keep`."""
        self._file.close()
        if self._here:
            with answering():
                self.path.unlink(missing_ok=True)
            self._here = False


@contextmanager
def answering() -> Iterator[None]:
    """Call a share that is full, read-only or gone what it is: no fault of who uses it, and worth another try."""
    try:
        yield
    except OSError as error:
        raise Outage(f"the share does not answer as it should: {error}") from error


def make_folder(folder: Path) -> None:
    """Make a folder, and its own name durable: a file whose folder is lost is lost."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable, where the file system offers that."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(handle)
