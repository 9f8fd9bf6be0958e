"""How long a file made to cost time keeps a worker busy: one 4K frame that its index names thousands of times."""

import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from anb.adapters.media.encoder import FfmpegEncoder, find_ffmpeg
from anb.adapters.media.prober import LibavProber
from anb.errors import AnbError, Outage, Refusal
from anb.media import probe, rules
from anb.media.edit import EditRejected, edit
from anb.ports import Ports
from anb.settings import Settings
from verify.kit.boxes import Box, parsed
from verify.kit.figures import Figure, Goal

GOAL = Goal("at most", 40, "value")


@dataclass(frozen=True)
class HostileSample:
    """A file that names its only frame `count` times within `seconds`, and the second at which its edit starts."""

    count: int
    seconds: int
    start: float = 0
    marked: bool = True  # whether every sample is marked as a keyframe, or only the first

    def __str__(self) -> str:
        late = f", from second {self.start:g}" if self.start else ""
        return f"{self.count:,} samples on one keyframe of 4K in {self.seconds} s{late}"


# The first three are refused at upload. The others have as many frames per second as the rules allow for 4K.
SAMPLES = (
    HostileSample(180_000, 30),
    HostileSample(20_000, 30),
    HostileSample(14_000, 58),
    HostileSample(8_300, 58),
    HostileSample(8_300, 58, start=38),
    HostileSample(8_300, 58, start=38, marked=False),
)


def measure(_repeats: int) -> list[Figure]:
    """Let a worker process each file. A platform failure is tried again, and all attempts count."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="anb-bench-") as folder:
        for sample in SAMPLES:
            clip = Path(folder, "clip.mp4")
            clip.write_bytes(repeated(keyframe(Path(folder)), sample))
            taken, end = _worked(clip, Path(folder), sample.start)
            marks = "all marked" if sample.marked else "the first alone marked"
            note = f"{clip.stat().st_size / 1e6:.1f} MB, {marks}; {end}"
            figures.append(Figure("hostile", f"worker time of {sample}", "s", (taken,), goal=GOAL, note=note))
    return figures


def _worked(clip: Path, folder: Path, start: float) -> tuple[float, str]:
    """Return the seconds a worker is busy with all attempts, and the outcome."""
    settings = Settings.model_validate(
        {"database_url": "postgresql://x/x", "redis_url": "redis://x/0", "media_root": folder, "work_dir": folder}
    )
    prober = LibavProber(folder / "slots", 1, settings.probe_seconds)
    ports = cast("Ports", SimpleNamespace(prober=prober, encoder=FfmpegEncoder(settings.job_stall_seconds)))
    begun = time.monotonic()
    try:
        rules.judge(probe.examine(prober, clip, start), settings)
        begun = time.monotonic()  # the web application's time is not the worker's
        with edit(ports, settings, clip, lambda _: True, start) as made:
            end, tries = f"edited, {made.frames} frames", 1
    except Outage as outage:
        end, tries = f"our fault, {settings.job_attempts} tries: {str(outage)[:60]}", settings.job_attempts
    except EditRejected as refused:
        end, tries = f"refused: {refused.detail[:60]}", 1
    except (Refusal, AnbError) as refusal:
        return 0.0, f"refused at the door: {refusal}"
    return (time.monotonic() - begun) * tries, end


def keyframe(folder: Path) -> bytes:
    """Make an MP4 of one plain 4K frame."""
    path = folder / "one.mp4"
    source = ["-f", "lavfi", "-i", "color=c=gray:s=3840x2160:r=30", "-frames:v", "1", "-c:v", "libx264"]
    command = [str(find_ffmpeg()), "-nostdin", "-v", "error", "-y", *source, "-pix_fmt", "yuv420p", str(path)]
    subprocess.run(command, check=True)
    return path.read_bytes()


def repeated(one: bytes, sample: HostileSample) -> bytes:
    """Return an MP4 whose index names its only frame many times, within the length that the rules allow."""
    count = sample.count
    boxes = parsed(one)
    moov = next(box for box in boxes if box.kind == b"moov")
    (size,) = struct.unpack_from(">I", moov.one(b"stsz").body, 4)  # of all samples: there is only one
    (place,) = struct.unpack_from(">I", moov.one(b"stco").body, 8)
    for kind in (b"mvhd", b"mdhd"):
        moov.one(kind).edit(12, ">II", count // sample.seconds, count)
    moov.one(b"tkhd").edit(20, ">I", count)
    for kind in (b"stss", b"ctts", b"edts"):
        moov.remove(kind)
    moov.one(b"stts").body = struct.pack(">4xIII", 1, count, 1)
    moov.one(b"stsz").body = struct.pack(">4xII", size, count)
    moov.one(b"stsc").body = struct.pack(">4xIIII", 1, 1, 1, 1)
    moov.one(b"stco").body = struct.pack(f">4xI{count}I", count, *[place] * count)
    if not sample.marked:  # without a table of keyframes, every sample is one
        moov.one(b"stbl").children.append(Box(b"stss", struct.pack(">4xII", 1, 1)))
    return b"".join(box.written() for box in boxes)
