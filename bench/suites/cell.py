"""What the sandbox costs, and how much memory the heaviest clip takes inside of it."""

import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from anb.adapters.ffmpeg import MEMORY_BYTES, TICK, FfmpegEncoder, find_ffmpeg
from anb.adapters.sandbox import Sandbox
from anb.adapters.sandbox_cell import Cell
from anb.adapters.sandbox_needs import of_program
from anb.adapters.tethered import said_by
from anb.media import orders
from anb.media.orders import Order
from bench import edits, reels
from bench.figures import Figure, Goal, Limit, turns
from bench.weight import weigh

LOOK_SECONDS = 0.05
TAKEN = re.compile(rb"bench: utime=([\d.]+)s stime=([\d.]+)s")


def measure(repeats: int) -> list[Figure]:
    """Run the same order inside and outside; watch the memory of the heaviest."""
    inside, outside = Sandbox("auto"), Sandbox("off")
    with _ordered(reels.PHONE) as order:
        taken: dict[bool, list[float]] = {True: [], False: []}
        for _, mine in turns(min(repeats, 3)):
            taken[mine].append(_cpu(inside if mine else outside, order))
    with _ordered(reels.HEAVIEST) as order:
        peak = _peak(order)
    walls, light, heavy = inside.walls.name, reels.PHONE.name, reels.HEAVIEST.name
    cost = Figure(
        suite="cell",
        name=f"CPU in the sandbox ({walls}), {light}",
        unit="CPU s",
        samples=tuple(taken[True]),
        limit=Limit("the same command outside it", tuple(taken[False])),
        goal=Goal("at most", 1.03, "ratio"),
        note="FFmpeg's own account, and the time until it began",
    )
    memory = Figure(
        suite="cell",
        name=f"peak memory of the whole group, {heavy}",
        unit="MB",
        samples=(peak,),
        goal=Goal("at most", 900, "value"),
        note="tether, sandbox and FFmpeg; RSS",
    )
    return [cost, memory]


@contextmanager
def _ordered(reel: reels.Reel) -> Iterator[Order]:
    """Lend the order of all that is made of a clip."""
    clip = reel.path
    with tempfile.TemporaryDirectory(prefix="anb-bench-") as folder:
        yield orders.clip(edits.written(clip), clip, Path(folder))


def _cpu(sandbox: Sandbox, order: Order) -> float:
    """Return the seconds of CPU of an order, and what it took to begin: FFmpeg's account holds wherever it runs."""
    binary = find_ffmpeg()
    cell = Cell(of_program(binary), tuple(order.reads), order.writes)
    heard = b""
    for words in (["-version"], ["-hide_banner", "-nostats", "-benchmark", *order.arguments]):
        begun = time.perf_counter()
        with sandbox.running([str(binary), *words], cell, memory=MEMORY_BYTES) as process:
            heard = b"".join(complaint for _, complaint in said_by(process, TICK))
        if process.returncode:
            raise RuntimeError(heard.decode(errors="replace"))
        if words == ["-version"]:
            starting = time.perf_counter() - begun
    user, system = TAKEN.findall(heard)[-1]
    return starting + float(user) + float(system)


def _peak(order: Order) -> float:
    """Return the most megabytes that the encoder's processes had at once."""
    seen = [0.0]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_SECONDS):
            _, rss = weigh(psutil.Process().children())
            seen.append(rss * 1.048576)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        encoder = FfmpegEncoder(60)
        encoder.run(order.arguments, reads=order.reads, writes=order.writes, watch=lambda _: True, limit=order.budget)
    finally:
        ended.set()
        watcher.join()
    return max(seen)
