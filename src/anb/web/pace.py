"""The slowest acceptable sender: pauses as long as a phone has are fine, merely holding a connection is not."""

import time
from collections import deque

import anyio

from anb.errors import Refusal
from anb.settings.uploads import UploadSettings

LOOKS = 12  # during the time over which the pace is averaged


class TooSlow(Refusal):
    """The bytes arrive so slowly that the client only holds the connection."""

    status = 408
    code = "upload-too-slow"
    retry_after = 1


class TookTooLong(Refusal):
    """One request has been sending for longer than any real client needs."""

    status = 408
    code = "upload-took-too-long"
    retry_after = 1


class Pace:
    """The bytes of one sender, checked regularly until its request ends."""

    def __init__(self, settings: UploadSettings) -> None:
        self._floor = settings.upload_floor_bytes
        self._window = settings.upload_floor_seconds
        self._deadline = time.monotonic() + settings.upload_deadline_seconds
        self._most = settings.upload_deadline_seconds
        self._total = 0
        self._marks = deque([(time.monotonic(), 0)], maxlen=LOOKS)

    def came(self, size: int) -> None:
        """Count bytes that arrived."""
        self._total += size

    def wait_for_us(self) -> None:
        """Start the count again, because we kept the sender waiting."""
        self._marks.clear()
        self._marks.append((time.monotonic(), self._total))

    async def watch(self) -> None:
        """Check regularly. Raises TooSlow, TookTooLong."""
        while True:
            await anyio.sleep(self._window / LOOKS)
            self.check(time.monotonic())

    def check(self, now: float) -> None:
        """Check once. Raises TooSlow, TookTooLong."""
        if now >= self._deadline:
            raise TookTooLong(minutes=self._most // 60)
        since, before = self._marks[0]
        if now - since >= self._window and self._total - before < self._floor * (now - since):
            raise TooSlow(floor=self._floor, seconds=round(now - since))
        self._marks.append((now, self._total))
