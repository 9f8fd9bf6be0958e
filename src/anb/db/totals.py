"""How long the long lists are: to count one anew for every reader costs more than the page they read."""

import time
from collections.abc import Callable, Hashable

LONG = 1000  # rows; a shorter list is counted anew each time, and so is never out of date
SECONDS = 1.0  # how old the count of a long one may be


class Totals:
    """The counts of this process, each worked out by whoever needs it first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[Hashable, tuple[float, int]] = {}  # by list; until when it is good, and the count

    def of(self, key: Hashable, count: Callable[[], int]) -> int:
        """Return the length of the list that `key` names."""
        until, total = self._kept.get(key, (0.0, 0))
        now = self._clock()
        if now >= until:
            total = count()
            if total >= LONG:
                self._kept[key] = (now + SECONDS, total)
        return total
