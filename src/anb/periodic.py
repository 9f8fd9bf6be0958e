"""Work that repeats next to the reconciler, in threads of its own."""

import threading
from collections.abc import Callable


def begin(name: str, seconds: float, act: Callable[[], object], stopped: threading.Event) -> None:
    """Act in a thread again and again, with this pause before each time, until told to stop.

    `act` handles what may fail: a pass that raises would be the last.
    """

    def repeat() -> None:
        while not stopped.wait(seconds):
            act()

    threading.Thread(target=repeat, name=name, daemon=True).start()
