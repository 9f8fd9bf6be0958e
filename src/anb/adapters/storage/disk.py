"""The media root: files are written once, durable before they get their name, and never locked (NFS)."""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

from anb import disk_space
from anb.adapters.storage.writeback import Writeback
from anb.errors import Outage
from anb.ports import Stored
from anb.settings import MIB

COPY_BYTES = MIB


class SharedDisk:
    """Originals and edits below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._incoming = self._root / "incoming"

    def receive(self) -> "IncomingFile":
        """Open a new file for bytes from outside. Raises Outage, and so do its methods."""
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
            raise Outage(f"the share cannot store {key}: {error.strerror}") from error
        finally:
            arriving.discard()

    def path(self, key: str) -> Path:
        """Return the path of a stored file."""
        return self._root / key

    def delete(self, key: str) -> None:
        """Remove a file; does nothing when it does not exist. Raises Outage."""
        with answering():
            self.path(key).unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Return how many bytes are free on the share. Raises Outage."""
        with answering():
            self._root.mkdir(parents=True, exist_ok=True)
            return disk_space.free_bytes(self._root)


class IncomingFile:
    """A .part file that is being received."""

    def __init__(self, path: Path, root: Path) -> None:
        self.path = path
        self._root = root
        self._file: IO[bytes] = open(path, "xb", buffering=0)  # noqa: SIM115, PTH123 - closed by settle or discard
        self._hash: Any = hashlib.sha256(usedforsecurity=False)
        self._writeback = Writeback(self._file.fileno())
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
        self._writeback.reached(self._size)

    @property
    def sha256(self) -> str:
        """Return the SHA-256, in hex, of the bytes received so far."""
        digest: str = self._hash.hexdigest()
        return digest

    def settle(self) -> None:
        """Make the file durable (fsync) so that it can be judged."""
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
        """Delete the partial file; harmless when repeated or after `keep`."""
        with suppress(OSError):  # errors that NFS reports on close concern bytes that were never synced
            self._file.close()
        if self._here:
            with answering():
                self.path.unlink(missing_ok=True)
            self._here = False


@contextmanager
def answering() -> Iterator[None]:
    """Raise Outage for a share that is full, read-only or gone: the client is not at fault, and may try again."""
    try:
        yield
    except OSError as error:
        raise Outage(f"the share does not answer as it should: {error}") from error


def make_folder(folder: Path) -> None:
    """Make a folder and its name durable: a file is lost if its folder is."""
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
