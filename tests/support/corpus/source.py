"""The source of a corpus clip: what it is made of."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from support.corpus.colours import ColourTags
from support.corpus.elements import ElementChange
from support.corpus.joins import Joint
from support.corpus.moov_edits import MoovEdit, Turned
from support.markers import Layout

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-g", "30")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-crf", "12", "-g", "30", "-tag:v", "hvc1", "-x265-params")
HEVC_PLAIN = (*HEVC, "log-level=none")
# As finely as VP8 can: two steps of loss in a dark patch already use up a colour's tolerance.
VP8 = (
    "-c:v",
    "libvpx",
    "-deadline",
    "realtime",
    "-cpu-used",
    "16",
    "-b:v",
    "20M",
    "-qmin",
    "0",
    "-qmax",
    "2",
    "-g",
    "30",
)
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-crf", "10", "-b:v", "0")
# Presets above 10 of SVT-AV1 write pictures of 640x360 that no decoder accepts.
AV1 = ("-c:v", "libsvtav1", "-preset", "10", "-crf", "10", "-g", "30", "-svtav1-params", "progress=0")

UPRIGHT = Turned(0)
SDR = ColourTags()


@dataclass(frozen=True, kw_only=True)
class ClipSource:
    """What a clip is made of; the defaults are what most phones make."""

    width: int = 1920  # pixels as stored
    height: int = 1080
    hidden: tuple[int, int, int, int] = (0, 0, 0, 0)  # hidden pixels: left, above, right, below
    turned: Turned = UPRIGHT
    sar: str = "1"
    frames: int = 60
    grid: Fraction = Fraction(30)  # ticks per second
    ticks: tuple[int, ...] = ()  # when each frame is shown; empty: one a tick
    coded: tuple[str, ...] = H264
    pixels: str = "yuv420p"
    look: ColourTags = SDR
    fields: Literal["top", "bottom"] | None = None  # which comes first, if each frame holds two moments
    container: str = "mp4"
    beside: tuple[str, ...] = ()  # further inputs
    mapped: tuple[str, ...] = ("-map", "0:v:0")
    muxed: tuple[str, ...] = ()
    again: tuple[str, ...] = ()  # options for reading its file to copy it
    copied: tuple[str, ...] = ()  # options for writing the copy
    remarks: int = 0  # number of pictures before a sample that holds none
    spoken: int = 0  # rotation message before each HEVC keyframe, degrees clockwise
    last: int = 0  # ticks that the last frame stays; 0: as long as the one before
    changes: tuple[MoovEdit, ...] = ()
    elements: tuple[ElementChange, ...] = ()  # the same of a WebM or Matroska
    first: int = 0  # number of the first frame
    then: "ClipSource | None" = None  # the next part in the same track; its size may differ
    joint: Joint = "stream"  # how the next part is joined

    @property
    def layout(self) -> Layout:
        """Where its markers are, upright."""
        upright = self.turned.clockwise in {0, 180}
        return Layout(self.width, self.height) if upright else Layout(self.height, self.width)

    @property
    def shape(self) -> Fraction:
        """Width to height as people see it."""
        stored = Fraction(self.width, self.height) * Fraction(self.sar)
        return stored if self.turned.clockwise in {0, 180} else 1 / stored

    @property
    def parts(self) -> list["ClipSource"]:
        """This part and all that follow."""
        return [self, *(self.then.parts if self.then else [])]

    @property
    def bits(self) -> int:
        """Bits of a sample."""
        return 10 if "10" in self.pixels else 8

    @property
    def stored(self) -> tuple[int, int]:
        """Pixels of a picture, hidden ones too."""
        left, top, right, bottom = self.hidden
        return self.width + left + right, self.height + top + bottom

    def times(self) -> list[Fraction]:
        """Return the second in which each frame is shown."""
        own = [Fraction(tick) / self.grid for tick in self.ticks or range(self.frames)]
        return own if self.then is None else [*own, *(self.frames / self.grid + time for time in self.then.times())]

    def end(self) -> Fraction:
        """Return the second in which the last frame ends."""
        times = self.times()
        return times[-1] + (self.last / self.grid if self.last else times[-1] - times[-2])
