"""The cost of the sandbox, and the memory of the heaviest clip inside it."""

import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from anb.adapters.media.encoder import MEMORY_BYTES, TICK, FfmpegEncoder, find_ffmpeg
from anb.adapters.sandbox.requirements import of_program
from anb.adapters.sandbox.runner import Sandbox
from anb.adapters.sandbox.spec import Cell
from anb.media import ffmpeg_commands
from anb.media.ffmpeg_commands import FfmpegRun
from anb.process.spawn import said_by
from verify.bench import edits, sample_clips
from verify.bench.process_usage import weigh
from verify.kit.figures import Figure, Goal, Limit, turns

LOOK_SECONDS = 0.05
TAKEN = re.compile(rb"bench: utime=([\d.]+)s stime=([\d.]+)s")


def measure(repeats: int) -> list[Figure]:
    """Run the same commands inside and outside the sandbox, and watch the memory of the heaviest clip."""
    inside, outside = Sandbox("auto"), Sandbox("off")
    with _ordered(sample_clips.PHONE) as order:
        taken: dict[bool, list[float]] = {True: [], False: []}
        for _, mine in turns(min(repeats, 3)):
            taken[mine].append(_cpu(inside if mine else outside, order))
    with _ordered(sample_clips.HEAVIEST) as order:
        peak = _peak(order)
    walls, light, heavy = inside.walls.name, sample_clips.PHONE.name, sample_clips.HEAVIEST.name
    cost = Figure(
        suite="cell",
        name=f"CPU in the sandbox ({walls}), {light}",
        unit="CPU s",
        samples=tuple(taken[True]),
        limit=Limit("the same command outside it", tuple(taken[False])),
        goal=Goal("at most", 1.03, "ratio"),
        note="FFmpeg's own figure, and the time until it started",
    )
    memory = Figure(
        suite="cell",
        name=f"peak memory of the whole group, {heavy}",
        unit="MB",
        samples=(peak,),
        goal=Goal("at most", 900, "value"),
        note="launcher, sandbox and FFmpeg; RSS",
    )
    return [cost, memory]


@contextmanager
def _ordered(reel: sample_clips.Reel) -> Iterator[FfmpegRun]:
    """Yield the FFmpeg run for all outputs of a clip."""
    clip = reel.path
    with tempfile.TemporaryDirectory(prefix="anb-bench-") as folder:
        yield ffmpeg_commands.clip(edits.written(clip), clip, Path(folder))


def _cpu(sandbox: Sandbox, order: FfmpegRun) -> float:
    """Return the CPU seconds of a run and of its start: FFmpeg's own figure is the same wherever it runs."""
    binary = find_ffmpeg()
    cell = Cell(of_program(binary), tuple(order.reads), order.writes)
    errors = b""
    for words in (["-version"], ["-hide_banner", "-nostats", "-benchmark", *order.arguments]):
        begun = time.perf_counter()
        with sandbox.running([str(binary), *words], cell, memory=MEMORY_BYTES) as process:
            errors = b"".join(complaint for _, complaint in said_by(process, TICK))
        if process.returncode:
            raise RuntimeError(errors.decode(errors="replace"))
        if words == ["-version"]:
            starting = time.perf_counter() - begun
    user, system = TAKEN.findall(errors)[-1]
    return starting + float(user) + float(system)


def _peak(order: FfmpegRun) -> float:
    """Return the peak memory of the encoder's processes in megabytes."""
    peak = [0.0]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_SECONDS):
            _, rss = weigh(psutil.Process().children())
            peak.append(rss * 1.048576)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        encoder = FfmpegEncoder(60)
        encoder.run(order.arguments, reads=order.reads, writes=order.writes, watch=lambda _: True, limit=order.budget)
    finally:
        ended.set()
        watcher.join()
    return max(peak)
