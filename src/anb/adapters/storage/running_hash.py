"""A SHA-256 of the beginning of a file, kept between the requests of a resumable upload."""

import hashlib
from collections import OrderedDict
from threading import Lock

MOST_KEPT = 256  # of less than a kilobyte each


class RunningHash:
    """The hash of the first `size` bytes of a file."""

    def __init__(self) -> None:
        self.size = 0
        self._sum = hashlib.sha256(usedforsecurity=False)

    def update(self, chunk: bytes | memoryview) -> None:
        """Add the next bytes."""
        self._sum.update(chunk)
        self.size += len(chunk)

    def copy(self) -> "RunningHash":
        """Return an independent hash that continues from here."""
        other = RunningHash()
        other.size, other._sum = self.size, self._sum.copy()
        return other

    def hexdigest(self) -> str:
        """Return the SHA-256, in hex, of the bytes added."""
        return self._sum.hexdigest()


class KeptHashes:
    """The hashes of partial files that wait for their next chunk, in this process only.

    Keep a hash only of bytes that the row says are safe: they never change under the same key, so the hash stays valid
    whatever other servers append. Without a kept hash the file is read again.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, RunningHash] = OrderedDict()
        self._lock = Lock()

    def keep(self, key: str, known: RunningHash) -> None:
        """Keep a hash; drop the oldest above `MOST_KEPT`."""
        with self._lock:
            self._kept[key] = known.copy()
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def take(self, key: str, offset: int) -> RunningHash:
        """Return a hash to continue from, of at most the first `offset` bytes of a partial file."""
        with self._lock:
            kept = self._kept.get(key)
        return kept.copy() if kept is not None and kept.size <= offset else RunningHash()
