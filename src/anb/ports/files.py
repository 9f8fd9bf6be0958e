"""What features need from the share: files being received, stored files, and their paths."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Stored:
    """A complete, durable file on the share."""

    key: str  # path below the media root; made once, never used again
    size: int  # bytes
    sha256: str  # hex


class Arrived(Protocol):
    """A file that is received but not judged yet; it is not visible before `keep`."""

    path: Path

    def settle(self) -> None:
        """Make the file durable (fsync) so that it can be judged."""

    def keep(self, key: str) -> Stored:
        """Move the settled file to its key and make that durable."""


class Receiving(Arrived, Protocol):
    """A file that is being received in one request."""

    @property
    def sha256(self) -> str:
        """Return the SHA-256, in hex, of the bytes received so far."""

    def write(self, chunk: bytes | memoryview) -> None:
        """Append bytes and add them to the hash."""

    def discard(self) -> None:
        """Delete the partial file; harmless when repeated or after `keep`."""


class PartialFile(Arrived, Protocol):
    """A partial file, open for one chunk; `keep` leaves it in place so that it can be repeated."""

    def write(self, chunk: bytes | memoryview) -> None:
        """Append bytes. Raises Outage."""

    def sync(self) -> int:
        """Make the written bytes durable and return the size of the file. Raises Outage."""

    def catch_up(self) -> bool:
        """Hash some of the bytes stored before; return whether more remain. Raises Outage."""

    def remember(self) -> None:
        """Keep the hash for the next chunk, once the row says that these bytes are safe."""

    def close(self) -> None:
        """Close the file without deleting it; harmless when repeated."""


class PartialFiles(Protocol):
    """Files that arrive in chunks, over several requests and on several servers."""

    def resume(self, key: str, offset: int) -> PartialFile:
        """Open a partial file at an offset and drop the bytes after it. Raises Outage where the file is shorter."""

    def copy(self, key: str, new_key: str, size: int) -> None:
        """Make a durable copy of the first `size` bytes: a writer that still has the old file open cannot reach it."""


@dataclass(frozen=True)
class Found:
    """A file found on the share."""

    key: str
    size: int  # bytes
    age: float  # seconds since it was last written


class Inventory(Protocol):
    """The files on the share, independent of the rows."""

    def walk(self, kind: str) -> Iterator[Found]:
        """Yield the files below a folder such as `originals`, one folder after another. Raises Outage."""

    def look(self, key: str) -> Found | None:
        """Look up one file; None when it does not exist. Raises Outage."""

    def digest(self, key: str) -> str:
        """Return the SHA-256 of a file, in hex. Raises Outage."""

    def total_bytes(self) -> int:
        """Return the size of the share, used or free. Raises Outage."""


class MediaStore(Protocol):
    """The stored files: originals, edits, archives, photos."""

    def receive(self) -> Receiving:
        """Open a new file for bytes from outside."""

    def adopt(self, local: Path, key: str) -> Stored:
        """Copy a finished local file to the share: .part, fsync, rename."""

    def path(self, key: str) -> Path:
        """Return the path of a stored file."""

    def delete(self, key: str) -> None:
        """Remove a file; does nothing when it does not exist."""

    def free_bytes(self) -> int:
        """Return how many bytes are free on the share."""
