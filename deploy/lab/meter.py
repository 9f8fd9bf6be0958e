"""Samples what memory each host has in use, all the while."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.lab.stage import Stage

EVERY_SECONDS = 4
IN_USE = "awk '/^MemTotal/ {t=$2} /^MemAvailable/ {a=$2} END {print (t-a)/1024}' /proc/meminfo"


@contextmanager
def metered(stage: Stage) -> Iterator[None]:
    """Keep the peaks of every host that answers while the block runs."""
    over = threading.Event()

    def sample() -> None:
        while not over.wait(EVERY_SECONDS):
            for name in list(stage.site.machines):
                if (done := stage.site.line(name).try_run(IN_USE, 20)).code == 0:
                    stage.peaks[name] = max(stage.peaks.get(name, 0), float(done.out))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(60)
