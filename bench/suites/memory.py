"""Memory of nginx, the web application and its probes while 50 clips of 50 MB arrive at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psutil

from bench import clips
from bench.figures import Figure, Goal
from bench.rig import Rig, platform
from bench.weight import weigh
from bench.wire import Form, upload

UPLOADS = 50
MEGABYTES = 50
TICK = 0.05  # seconds between two looks
GOAL = Goal("at most", 250, "value")


def measure(repeats: int) -> list[Figure]:
    """Upload all at once, `repeats` times into a new platform; the worst counts."""
    grown = [_once() for _ in range(repeats)]
    pss, rss = zip(*grown, strict=True)
    what = f"growth of nginx, web and probes under {UPLOADS} uploads of {MEGABYTES} MB at once"
    note = f"all {UPLOADS} answered 201; the worst of {repeats}, looked at every {TICK * 1000:.0f} ms"
    return [
        Figure("memory", f"{what} (PSS)", "MiB", pss, goal=GOAL, at=max(pss), note=note),
        Figure("memory", f"{what} (RSS: shared pages counted in each process)", "MiB", rss, at=max(rss)),
    ]


def _once() -> tuple[float, float]:
    """Return by how many MiB PSS and RSS grew at the most."""
    form = Form(clips.weighing(MEGABYTES))
    with platform() as rig:
        tokens = [rig.token() for _ in range(UPLOADS)]  # nobody may send the same file twice
        upload(rig.port, "/api/videos/upload", form, rig.token())  # what is loaded at the first one is no growth
        before = _memory()
        with _watching() as seen, ThreadPoolExecutor(UPLOADS) as pool:
            answers = list(pool.map(lambda token: upload(rig.port, "/api/videos/upload", form, token), tokens))
        _check(rig, len(answers))
    (pss, rss), most = before, tuple(map(max, zip(*seen, strict=True)))
    return most[0] - pss, most[1] - rss


def _check(rig: Rig, answered: int) -> None:
    with rig.database() as database:
        (rows,) = database.execute("SELECT count(*) FROM videos").fetchone() or (0,)
    if not answered + 1 == rows == len(rig.originals()):
        raise RuntimeError(f"{answered} answers, {rows} rows, {len(rig.originals())} files")


@contextmanager
def _watching() -> Iterator[list[tuple[float, float]]]:
    """Look at the memory in a thread of its own while the block runs."""
    seen: list[tuple[float, float]] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(TICK):
            seen.append(_memory())

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


def _memory() -> tuple[float, float]:
    """Return PSS and RSS of all that serves the web, in MiB."""
    return weigh(part for part in psutil.Process().children() if part.name() == "nginx" or "web" in part.cmdline())
