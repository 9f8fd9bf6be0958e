"""The lengths of long lists: counting one again for every reader costs more than the page itself."""

import time
from collections.abc import Callable, Hashable

LONG = 1000  # rows; a shorter list is counted each time, and so is always exact
SECONDS = 1.0  # how old the count of a long list may be,
ROWS = 10_000  # or a second for each of this many rows: to count them takes longer, and a change matters less


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
            if total:  # meanwhile others take the count that has just expired, or a crowd would count at once
                self._kept[key] = (now + SECONDS, total)
            total = count()
            if total >= LONG:
                self._kept[key] = (now + max(SECONDS, total / ROWS), total)
            else:
                self._kept.pop(key, None)
        return total
