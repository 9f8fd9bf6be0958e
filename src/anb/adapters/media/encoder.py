"""Run FFmpeg in the sandbox; tell apart a run that was stopped, one that hangs, one too long, and one that fails."""

import math
import os
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from anb.adapters.media import processor_time
from anb.adapters.sandbox.quota import QuotaExceeded
from anb.adapters.sandbox.requirements import of_program
from anb.adapters.sandbox.runner import Sandbox
from anb.adapters.sandbox.spec import Cell
from anb.errors import Outage
from anb.ports import EncodingFailed, EncodingKilled, EncodingStalled, MachineFailed, Stopped
from anb.process.launcher import CANNOT_START
from anb.process.spawn import said_by
from anb.settings import MIB

TICK = 0.2  # seconds between two looks of the watcher
TAIL_BYTES = 4096
# All files in the results folder together; a runaway must not fill the disk. The bit rate is capped, so the largest
# edit takes a fifth.
DISK_BYTES = 256 * MIB
OPEN_FILES = 256
MEMORY_BYTES = 1536 * MIB  # of the whole group; 4K60 in ten bits takes a third, 8K in ten bits just fits
# Where no control group can be made, this wider limit applies: it also counts reserved memory, such as thread stacks.
DATA_BYTES, DATA_BYTES_PER_CORE = 2 * MEMORY_BYTES, 64 * MIB
# What FFmpeg says when a disk or a share fails.
OF_THE_MACHINE = (b"No space left", b"Input/output error", b"Stale file handle", b"Read-only file", b"Disk quota")
BUSY = 0.05  # of a processor; a run that used less while it made nothing new was kept waiting
KILLED = {-signal.SIGKILL, 128 + signal.SIGKILL}
GLOBAL = ["-hide_banner", "-nostats", "-loglevel", "warning", "-stats_period", str(TICK), "-progress", "pipe:1"]


class FfmpegEncoder:
    """Runs the FFmpeg of the wheel, or another one. A run that makes nothing new for `stall` seconds hangs."""

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
                [str(binary), *GLOBAL, *arguments], cell, memory=MEMORY_BYTES, disk=DISK_BYTES, **_limits(limit)
            ) as process:
                run.spent = partial(processor_time.seconds, process.pid)
                for progress, complaint in said_by(process, TICK):
                    run.hear(progress, complaint)
        except QuotaExceeded as error:
            raise EncodingFailed(f"FFmpeg was killed: {error}; {run.tail}") from error
        except OSError as error:
            raise Outage(f"FFmpeg cannot be started: {error}") from error
        if process.returncode == CANNOT_START:
            raise Outage(f"FFmpeg cannot be started: {run.tail}")
        if process.returncode in KILLED:
            raise EncodingKilled(f"FFmpeg was killed, most likely for its memory: {run.tail}")
        if process.returncode != 0:
            raise run.failed(f"FFmpeg ended with {process.returncode}")


def find_ffmpeg() -> Path:
    """Return the FFmpeg of the wheel, or the host's where servers omit the wheel. Raises Outage."""
    try:
        import imageio_ffmpeg  # noqa: PLC0415 - part of the `embedded` extra
    except ImportError:
        found = shutil.which("ffmpeg")
    else:
        found = imageio_ffmpeg.get_ffmpeg_exe()
    if found is None:
        raise Outage("FFmpeg is missing: install the `embedded` extra, or ffmpeg")
    return Path(found)


def _limits(seconds: float) -> dict[str, int]:
    cores = os.cpu_count() or 1
    data = DATA_BYTES + cores * DATA_BYTES_PER_CORE
    return {"cpu": math.ceil(seconds) * cores, "data": data, "fsize": DISK_BYTES, "nofile": OPEN_FILES}


class _Run:
    """One run in progress: how far it is, when it last advanced, and its last complaint."""

    def __init__(self, watch: Callable[[float], bool], stall: float, limit: float) -> None:
        self._watch, self._stall, self._limit = watch, stall, limit
        self._begun = self._moved = time.monotonic()
        self._looked = float("-inf")
        self.spent: Callable[[], float] = float
        self._spent = 0.0  # processor seconds at the last advance
        self._seconds = 0.0
        self._line = b""
        self._tail = b""

    @property
    def tail(self) -> str:
        return self._tail.decode(errors="replace").strip()

    def failed(self, what: str) -> EncodingFailed:
        """Return the failure of a run: MachineFailed where FFmpeg blames the machine, else EncodingFailed."""
        kind = MachineFailed if any(word in self._tail for word in OF_THE_MACHINE) else EncodingFailed
        return kind(f"{what}: {self.tail}")

    def hear(self, progress: bytes, complaint: bytes) -> None:
        """Take in FFmpeg's output, even if empty, and judge if the run may continue. Raises Stopped, EncodingFailed."""
        self._tail = (self._tail + complaint)[-TAIL_BYTES:]
        now = time.monotonic()
        *lines, self._line = (self._line + progress)[-TAIL_BYTES:].split(b"\n")
        for line in lines:
            key, _, value = line.partition(b"=")
            if key == b"out_time_us" and value.isdigit() and int(value) / 1e6 > self._seconds:
                self._seconds, self._moved, self._spent = int(value) / 1e6, now, self.spent()
        if now - self._looked >= TICK:
            self._looked = now
            if not self._watch(self._seconds):
                raise Stopped
        if now - self._moved > self._stall:
            raise self._stalled(now - self._moved)
        if now - self._begun > self._limit:
            raise EncodingFailed(f"FFmpeg took longer than {self._limit:g} s: {self.tail}")

    def _stalled(self, seconds: float) -> EncodingFailed:
        """Return the failure of a run that hangs: a file that is endless work, or a machine that keeps it waiting."""
        what = f"FFmpeg made nothing new for {self._stall:g} s"
        if self.spent() - self._spent < BUSY * seconds:
            return MachineFailed(f"{what} and hardly computed: {self.tail}")
        failure = self.failed(what)
        return failure if isinstance(failure, MachineFailed) else EncodingStalled(str(failure), self._seconds)
