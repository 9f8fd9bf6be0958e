"""Memory of nginx, the web application and its probes during 50 concurrent uploads of 50 MB."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from verify.bench import clips
from verify.bench.bench_platform import Rig, platform
from verify.bench.process_usage import children, weigh
from verify.bench.raw_client import Form, upload
from verify.kit.figures import Figure, Goal

UPLOADS = 50
MEGABYTES = 50
TICK = 0.05  # seconds between two samples
GOAL = Goal("at most", 250, "value")


def measure(repeats: int) -> list[Figure]:
    """Upload all at once, `repeats` times into a new platform. The worst run counts."""
    grown = [_once() for _ in range(repeats)]
    pss, rss = zip(*grown, strict=True)
    what = f"growth of nginx, web and probes under {UPLOADS} uploads of {MEGABYTES} MB at once"
    note = f"all {UPLOADS} answered 201; the worst of {repeats}, sampled every {TICK * 1000:.0f} ms"
    return [
        Figure("memory", f"{what} (PSS)", "MiB", pss, goal=GOAL, at=max(pss), note=note),
        Figure("memory", f"{what} (RSS: shared pages counted in each process)", "MiB", rss, at=max(rss)),
    ]


def _once() -> tuple[float, float]:
    """Return the largest growth of PSS and RSS in MiB."""
    form = Form(clips.weighing(MEGABYTES))
    with platform() as rig:
        tokens = [rig.token() for _ in range(UPLOADS)]  # each account may send a file only once
        upload(rig.port, "/api/videos/upload", form, rig.token())  # loads modules, which is not growth
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
    """Sample the memory in a thread while the block runs."""
    samples: list[tuple[float, float]] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(TICK):
            samples.append(_memory())

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield samples
    finally:
        ended.set()
        watcher.join()


def _memory() -> tuple[float, float]:
    """Return PSS and RSS of all processes that serve the web, in MiB."""
    return weigh(children("nginx", "anb web", "anb uploads"))
