"""Counts the bytes of a client's body on the wire, and finds the byte at which a fault happens."""

import re

from verify.kit.network_faults import Place

SILENCE = 0.4  # seconds without a byte, near the end of a body: the last one has passed
NEAR = 16 * 1024  # bytes from the end
HEAD_BYTES = 8 * 1024  # TLS hides where a head ends: after this many bytes, a body has begun
BODY = 1000  # bytes; a shorter body is not a clip
_HEAD = re.compile(rb"content-length: *(\d+)\r\n(?:[^\r]+\r\n)*\r\n", re.IGNORECASE)


class ByteCounter:
    """Counts the bytes of one client in the direction of its clip."""

    def __init__(self, size: int, *, goes_up: bool, is_plain: bool) -> None:
        self.size, self.goes_up, self._is_plain = size, goes_up, is_plain
        self.armed = True
        self.struck = False
        self.passed = 0  # bytes, in the direction of the clip
        self.passed_all = 0

    def arm(self) -> None:
        """Count from here: earlier bytes do not belong to a clip."""
        self.armed, self.passed = True, 0

    def count(self, size: int, *, goes_up: bool) -> None:
        """Count bytes that have passed."""
        self.passed_all += size
        if goes_up == self.goes_up:
            self.passed += size

    def nears_the_end(self, more: int) -> bool:
        """Return whether these bytes may contain the last one of the body."""
        return self.armed and self.passed + more >= self.size - NEAR

    def strikes_at(self, data: bytes, place: Place) -> int | None:
        """Return before which of these bytes the fault happens, or None if it is later."""
        if not self.armed:
            return None
        if place == "start":
            return self._after_head(data)
        if place == "middle":
            return max(self.size // 2 - self.passed, 0) if self.passed + len(data) > self.size // 2 else None
        return 0 if self.nears_the_end(len(data)) and len(data) == 1 else None

    def _after_head(self, data: bytes) -> int | None:
        if self._is_plain and (found := _HEAD.search(data)):
            return found.end() if int(found[1]) >= BODY else None
        if self.passed + len(data) > HEAD_BYTES:
            return max(HEAD_BYTES - self.passed, 0)
        return None
