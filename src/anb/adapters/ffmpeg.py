"""Run FFmpeg in the sandbox; tell apart a run that was stopped, one that hangs, one too long, and one that fails."""

import math
import os
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from anb.adapters.sandbox import Sandbox
from anb.adapters.sandbox_cell import Cell
from anb.adapters.sandbox_needs import of_program
from anb.adapters.tether import CANNOT_START
from anb.adapters.tethered import said_by
from anb.errors import Outage
from anb.ports import EncodingFailed, Stopped

TICK = 0.2  # seconds between two looks of the watcher
TAIL_BYTES = 4096
FILE_BYTES = 1024 * 1024 * 1024  # far above any edit; a runaway must not fill the disk
OPEN_FILES = 256
MEMORY_BYTES = 1536 * 1024 * 1024  # of the whole group; 4K60 in ten bits takes a third, 8K in ten bits just fits
# Where no group can be made, a wider limit of another kind: it counts what is reserved too, such as stacks of threads.
DATA_BYTES, DATA_BYTES_PER_CORE = 2 * MEMORY_BYTES, 64 * 1024 * 1024
KILLED = {-signal.SIGKILL, 128 + signal.SIGKILL}
GLOBAL = ["-hide_banner", "-nostats", "-loglevel", "warning", "-stats_period", str(TICK), "-progress", "pipe:1"]


class FfmpegEncoder:
    """Runs the FFmpeg of the wheel, or another; a run that makes nothing new for `stall` seconds is hanging."""

    def __init__(self, stall: float, binary: Path | None = None, sandbox: Sandbox | None = None) -> None:
        self._stall = stall
        self._binary = binary
        self._sandbox = sandbox or Sandbox()

    def run(
        self,
        arguments: Sequence[str],
        *,
        reads: Sequence[Path] = (),
        writes: Path | None = None,
        watch: Callable[[float], bool],
        limit: float,
    ) -> None:
        """Run `ffmpeg <arguments>`, see the port. Raises EncodingFailed, Stopped; Outage when it cannot be started."""
        binary = self._binary or find_ffmpeg()
        cell = Cell(of_program(binary), tuple(reads), writes)
        run = _Run(watch, self._stall, limit)
        try:
            with self._sandbox.running(
                [str(binary), *GLOBAL, *arguments], cell, memory=MEMORY_BYTES, **_limits(limit)
            ) as process:
                for progress, complaint in said_by(process, TICK):
                    run.hear(progress, complaint)
        except OSError as error:
            raise Outage(f"FFmpeg cannot be started: {error}") from error
        if process.returncode == CANNOT_START:
            raise Outage(f"FFmpeg cannot be started: {run.tail}")
        if process.returncode in KILLED:
            raise EncodingFailed(f"FFmpeg was killed, most likely for its memory: {run.tail}")
        if process.returncode != 0:
            raise EncodingFailed(f"FFmpeg ended with {process.returncode}: {run.tail}")


def find_ffmpeg() -> Path:
    """Return the FFmpeg of the wheel, or the host's where servers leave the wheel out. Raises Outage."""
    try:
        import imageio_ffmpeg  # noqa: PLC0415 - part of the `embedded` extra
    except ImportError:
        found = shutil.which("ffmpeg")
    else:
        found = imageio_ffmpeg.get_ffmpeg_exe()
    if found is None:
        raise Outage("there is no FFmpeg: install the `embedded` extra, or ffmpeg")
    return Path(found)


def _limits(seconds: float) -> dict[str, int]:
    cores = os.cpu_count() or 1
    data = DATA_BYTES + cores * DATA_BYTES_PER_CORE
    return {"cpu": math.ceil(seconds) * cores, "data": data, "fsize": FILE_BYTES, "nofile": OPEN_FILES}


class _Run:
    """One run as it goes: how far it got, when it last got further, and the last it complained of."""

    def __init__(self, watch: Callable[[float], bool], stall: float, limit: float) -> None:
        self._watch, self._stall, self._limit = watch, stall, limit
        self._begun = self._moved = time.monotonic()
        self._looked = float("-inf")
        self._seconds = 0.0
        self._line = b""
        self._tail = b""

    @property
    def tail(self) -> str:
        return self._tail.decode(errors="replace").strip()

    def hear(self, progress: bytes, complaint: bytes) -> None:
        """Take in what FFmpeg said, be it nothing, and judge whether it may go on. Raises Stopped, EncodingFailed."""
        self._tail = (self._tail + complaint)[-TAIL_BYTES:]
        now = time.monotonic()
        *lines, self._line = (self._line + progress)[-TAIL_BYTES:].split(b"\n")
        for line in lines:
            key, _, value = line.partition(b"=")
            if key == b"out_time_us" and value.isdigit() and int(value) / 1e6 > self._seconds:
                self._seconds, self._moved = int(value) / 1e6, now
        if now - self._looked >= TICK:
            self._looked = now
            if not self._watch(self._seconds):
                raise Stopped
        if now - self._moved > self._stall:
            raise EncodingFailed(f"FFmpeg made nothing new for {self._stall:g} s: {self.tail}")
        if now - self._begun > self._limit:
            raise EncodingFailed(f"FFmpeg took longer than {self._limit:g} s: {self.tail}")
