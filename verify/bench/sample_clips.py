"""Clips like those of phones: from the sample clips if they are next to the project, otherwise drawn.

Each is made once per machine. A few seconds are encoded and then repeated without encoding: decoding costs the same.
"""

import os
import subprocess
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from anb.adapters.media.encoder import find_ffmpeg
from verify.bench.clips import CACHE

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
NAMES = ("basketball_sample.mp4", "bigbuckbunny.mp4", "bikes.mp4")  # each has 3.3 s or more

HLG = "color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc"
# Drawn pictures with fine moving detail: harder than testsrc2's flat areas, easier than noise.
DRAWN = "mandelbrot=s={width}x{height}:r={rate}:end_scale=0.02:maxiter=700"


@dataclass(frozen=True)
class Reel:
    """A phone's file: `part` seconds of pictures at a bit rate, repeated up to `seconds`."""

    name: str
    width: int
    height: int
    rate: int  # frames per second
    kbits: int
    seconds: float
    part: float
    coded: tuple[str, ...]
    pixels: str = "yuv420p"
    tags: str = "color_primaries=bt709:color_trc=bt709:colorspace=bt709"

    @property
    def path(self) -> Path:
        """Return the file, which is made if it does not exist."""
        kind = "real" if real() else "drawn"
        clip = CACHE / f"reel-{kind}-{self.name}.mp4"
        if not clip.exists():
            CACHE.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._make(clip)
        return clip

    def _make(self, clip: Path) -> None:
        part = clip.with_suffix(f".{os.getpid()}.part.mp4")
        again = clip.with_suffix(f".{os.getpid()}.again.mp4")
        rate = ["-b:v", f"{self.kbits}k", "-maxrate", f"{self.kbits}k", "-bufsize", f"{self.kbits}k"]
        ffmpeg(*self._pictures(), *self.coded, *rate, "-pix_fmt", self.pixels, "-g", str(self.rate), "-an", str(part))
        listed = part.with_suffix(".txt")
        listed.write_text(f"file '{part}'\n" * ceil(self.seconds / self.part))
        copied = ["-t", f"{self.seconds}", "-c", "copy", str(again)]
        ffmpeg("-f", "concat", "-safe", "0", "-i", str(listed), *copied)
        part.unlink()
        listed.unlink()
        again.replace(clip)

    def _pictures(self) -> list[str]:
        # A camera's grain: without it, enlarged pictures are too easy.
        grain = f"fps={self.rate},noise=alls=5:allf=t,format={self.pixels},setparams={self.tags}"
        if not real():
            drawn = DRAWN.format(width=self.width, height=self.height, rate=self.rate)
            return ["-f", "lavfi", "-i", drawn, "-t", f"{self.part}", "-vf", grain]
        names = [str(SAMPLES / name) for name in NAMES]
        each = self.part / len(names)
        size = f"{self.width}:{self.height}"
        filled = f"scale={size}:flags=lanczos:force_original_aspect_ratio=increase,crop={size},setsar=1"
        chains = [f"[{n}:v]trim=end={each:.3f},{filled},fps={self.rate}[p{n}]" for n in range(len(names))]
        joined = "".join(f"[p{n}]" for n in range(len(names))) + f"concat=n={len(names)},{grain}[v]"
        inputs = [word for name in names for word in ("-i", name)]
        return [*inputs, "-filter_complex", ";".join([*chains, joined]), "-map", "[v]"]


def real() -> bool:
    """Return whether the sample clips exist."""
    return all((SAMPLES / name).is_file() for name in NAMES)


def ffmpeg(*arguments: str) -> str:
    """Run FFmpeg. Return its output. Raises CalledProcessError."""
    command = [str(find_ffmpeg()), "-nostdin", "-hide_banner", "-v", "error", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


H264 = ("-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-bf", "0", "-x264-params", "nal-hrd=cbr")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params", "log-level=error:bframes=0")

PHONE = Reel("1080p30-h264-50mb", 1920, 1080, 30, 13_400, 30, 9.9, H264)
LONG = Reel("1080p30-h264-100mb", 1920, 1080, 30, 13_400, 60, 9.9, H264)
FAST = Reel("1080p60-hevc", 1920, 1080, 60, 14_000, 30, 6, HEVC)
SHARP = Reel("4k30-hevc-hlg", 3840, 2160, 30, 24_000, 30, 6, HEVC, "yuv420p10le", HLG)
HEAVIEST = Reel("4k60-hevc-hlg", 3840, 2160, 60, 40_000, 30, 6, HEVC, "yuv420p10le", HLG)
