"""What a clip of the corpus is made of."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from support.corpus_boxes import Change, Turned
from support.corpus_colours import Look
from support.markers import Layout

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-g", "30")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-crf", "12", "-g", "30", "-tag:v", "hvc1", "-x265-params")
HEVC_PLAIN = (*HEVC, "log-level=none")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "16", "-b:v", "20M", "-g", "30")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-crf", "10", "-b:v", "0")
# Presets above 10 of SVT-AV1 write pictures of 640x360 that no decoder takes.
AV1 = ("-c:v", "libsvtav1", "-preset", "10", "-crf", "10", "-g", "30", "-svtav1-params", "progress=0")

UPRIGHT = Turned(0)
SDR = Look()


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a clip is made of; as it stands, what most phones make."""

    width: int = 1920  # pixels as stored
    height: int = 1080
    spare: int = 0  # rows below the picture that nobody is to see
    turned: Turned = UPRIGHT
    sar: str = "1"
    frames: int = 60
    grid: Fraction = Fraction(30)  # ticks per second
    ticks: tuple[int, ...] = ()  # when each frame is shown; without them, one a tick
    coded: tuple[str, ...] = H264
    pixels: str = "yuv420p"
    look: Look = SDR
    fields: Literal["top", "bottom"] | None = None  # which comes first, where each frame holds two moments
    container: str = "mp4"
    beside: tuple[str, ...] = ()  # further inputs
    mapped: tuple[str, ...] = ("-map", "0:v:0")
    muxed: tuple[str, ...] = ()
    again: tuple[str, ...] = ()  # how its file is read to be written a second time, as it is
    last: int = 0  # ticks that the last frame stays; without them, as long as the one before
    changes: tuple[Change, ...] = ()
    first: int = 0  # number of the first frame
    then: "Source | None" = None  # what follows in the same track, though it may be of another size

    @property
    def layout(self) -> Layout:
        """Where its markers lie, upright."""
        upright = self.turned.clockwise in {0, 180}
        return Layout(self.width, self.height) if upright else Layout(self.height, self.width)

    @property
    def shape(self) -> Fraction:
        """Width to height as people see it."""
        stored = Fraction(self.width, self.height) * Fraction(self.sar)
        return stored if self.turned.clockwise in {0, 180} else 1 / stored

    def times(self) -> list[Fraction]:
        """Return the second in which each frame is shown."""
        own = [Fraction(tick) / self.grid for tick in self.ticks or range(self.frames)]
        return own if self.then is None else [*own, *(self.frames / self.grid + time for time in self.then.times())]

    def end(self) -> Fraction:
        """Return the second in which the last frame ends."""
        times = self.times()
        return times[-1] + (self.last / self.grid if self.last else times[-1] - times[-2])
