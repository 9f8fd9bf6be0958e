"""Rows that a process read a moment ago, for what every request asks: who is calling."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

SECONDS = 1.0  # how old an answer may be
MOST = 10_000


class RecentReads:
    """Answers of the last second. What this process forgets is read again by the next request."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._forgotten = 0
        self._kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()

    def find(self, key: Hashable) -> Any | None:  # noqa: ANN401 - whatever was read
        """Return what was read under this key within the last second, or None."""
        until, value = self._kept.get(key, (0.0, None))
        return value if self._clock() < until else None

    def read(self, key: Hashable, read: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is read
        """Read, and keep what was found for a second; None is not kept."""
        until, forgotten = self._clock() + SECONDS, self._forgotten
        value = read()
        with self._lock:
            # What was forgotten meanwhile may have been read before it changed.
            if value is not None and forgotten == self._forgotten:
                self._kept[key] = (until, value)
                self._kept.move_to_end(key)
                self._drop()
        return value

    def forget(self, unwanted: Callable[[Any], bool]) -> None:
        """Forget the answers that changed."""
        with self._lock:
            self._forgotten += 1
            for key in [key for key, (_, value) in self._kept.items() if unwanted(value)]:
                del self._kept[key]

    def _drop(self) -> None:
        """Drop what is too old or too much: the oldest come first."""
        now = self._clock()
        while self._kept:
            until, _ = next(iter(self._kept.values()))
            if now < until and len(self._kept) <= MOST:
                break
            self._kept.popitem(last=False)
