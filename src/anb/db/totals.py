"""The lengths of long lists: counting one again for every reader costs more than the page itself."""

import time
from collections.abc import Callable, Hashable

LONG = 1000  # rows; a shorter list is counted each time, and so is always exact
SECONDS = 1.0  # how old the count of a long list may be


class Totals:
    """The counts of this process; the first reader who needs one computes it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[Hashable, tuple[float, int]] = {}  # by list: until when the count is valid, and the count

    def of(self, key: Hashable, count: Callable[[], int]) -> int:
        """Return the length of the list that `key` names."""
        until, total = self._kept.get(key, (0.0, 0))
        now = self._clock()
        if now >= until:
            total = count()
            if total >= LONG:
                self._kept[key] = (now + SECONDS, total)
        return total
