"""Samples the memory in use on each host."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from verify.lab.proof_run import ProofRun

EVERY_SECONDS = 4
IN_USE = "awk '/^MemTotal/ {t=$2} /^MemAvailable/ {a=$2} END {print (t-a)/1024}' /proc/meminfo"


@contextmanager
def metered(lab: ProofRun) -> Iterator[None]:
    """Record the peaks of every reachable host while the block runs."""
    over = threading.Event()

    def sample() -> None:
        while not over.wait(EVERY_SECONDS):
            for name in list(lab.site.machines):
                if (done := lab.site.line(name).try_run(IN_USE, 20)).code == 0:
                    lab.peaks[name] = max(lab.peaks.get(name, 0), float(done.out))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(60)
