"""The first bytes of a file, which are enough to refuse an unsupported container before the rest arrives."""

from pathlib import Path

from anb.media.unreadable import NotAVideo
from anb.ports import HEAD_BYTES, Prober


class Head:
    """The first bytes of one file, in chunks of any size. Fewer than `HEAD_BYTES` decide nothing."""

    def __init__(self, prober: Prober) -> None:
        self._opens = prober.opens
        self._bytes = b""
        self._is_good = False

    def resume(self, path: Path, offset: int) -> None:
        """Continue at an offset. Beyond `HEAD_BYTES` the head was checked before; otherwise read it from the file."""
        self._is_good = offset >= HEAD_BYTES
        if not self._is_good and offset:
            with path.open("rb") as file:
                self.add(file.read(offset))

    def add(self, chunk: bytes | memoryview) -> None:
        """Take the next bytes."""
        if len(self._bytes) < HEAD_BYTES:
            self._bytes += bytes(chunk[: HEAD_BYTES - len(self._bytes)])

    def check(self) -> None:
        """Judge the head once it is complete. Raises NotAVideo."""
        if self._is_good or len(self._bytes) < HEAD_BYTES:
            return
        if not self._opens(self._bytes):
            raise NotAVideo
        self._is_good = True
