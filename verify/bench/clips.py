"""Clips of a given size that the contest's rules accept. Each is drawn once per machine."""

import os
import subprocess
import tempfile
from pathlib import Path

import imageio_ffmpeg

SECONDS = 22
# The tests keep their clips in the same folder.
CACHE = Path(os.environ.get("ANB_TEST_CLIPS") or Path(tempfile.gettempdir(), f"anb-test-clips-{os.getuid()}"))


def weighing(megabytes: float, seconds: int = SECONDS) -> Path:
    """Return a 1080p clip whose size is within a hundredth of `megabytes`: noise, which does not compress."""
    bits = f"{megabytes * 8e3 / seconds:.0f}k"
    rate = ["-b:v", bits, "-minrate", bits, "-maxrate", bits, "-bufsize", bits, "-x264-params", "nal-hrd=cbr"]
    return _drawn(f"{megabytes:g}mb-{seconds}s", f"{_moving(seconds)},noise=alls=40:allf=t", rate)


def ordinary(seconds: float) -> Path:
    """Return a clip like a phone's: 1080p, 30 frames a second, with movement."""
    return _drawn(f"ordinary-{seconds:g}s", _moving(seconds), ["-crf", "23"])


def _moving(seconds: float) -> str:
    return f"testsrc2=s=640x360:r=30:d={seconds},scale=1920:1080:flags=neighbor"


def _drawn(name: str, picture: str, rate: list[str]) -> Path:
    CACHE.mkdir(mode=0o700, parents=True, exist_ok=True)
    clip = CACHE / f"bench-{name}.mp4"
    if not clip.exists():
        part = clip.with_suffix(f".{os.getpid()}.part")
        source = ["-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", *rate]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *source]
        subprocess.run([*command, "-pix_fmt", "yuv420p", "-f", "mp4", str(part)], check=True)
        part.replace(clip)
    return clip
