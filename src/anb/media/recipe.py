"""What is to be made of a clip: pure, from its facts and the limits to numbers and filter graphs.

Frames are counted, not timed: the recipe knows the exact number of frames of the result, and the edit is published only
when the result has that many. `orders` tells FFmpeg what a recipe says.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from anb.media import picture
from anb.media.probe import Probe
from anb.media.renditions import Rendition
from anb.media.stills import Stills
from anb.settings import Limits

# Goes up whenever the same clip would come out differently. `anb videos reedit` brings older videos up to it.
# 1: the edit. 2: every second picture of 60, evenly. 3: light edit, poster and sprite; bumpers encoded once and joined.
# 4: coded in less time at the same look.
RECIPE_VERSION = 4

# Rates of the edit. A clip of 60 frames per second comes out at 30, one of 50 at 25: every second frame, evenly.
RATES = (24, 25, 30)
KEYFRAME_SECONDS = 2
FADE_SECONDS = 0.4
INK = "0x0B1322"  # the ground of the bumper, which it grows out of and sinks into

DECODERS = {"h264": "h264", "hevc": "hevc", "vp8": "vp8", "vp9": "vp9", "av1": "libdav1d"}
# The last frame may be held this long to complete the count; a clip that lacks more cannot be read to its end.
HELD_SECONDS = 0.5


@dataclass(frozen=True)
class Brand:
    """The pictures of the house, rendered when the package is built."""

    watermark: Path
    bumper: Path

    @classmethod
    def ours(cls) -> "Brand":
        """Return those of this package."""
        folder = Path(__file__).with_name("brand")
        return cls(folder / "watermark.png", folder / "bumper.png")


@dataclass(frozen=True)
class Encoding:
    """How moving pictures are coded; chosen by measuring (docs/tuning.md)."""

    width: int = picture.WIDTH
    height: int = picture.HEIGHT
    preset: str = "superfast"
    # Beyond the preset. Bits go where they are seen (mbtree) and are shared by what is flat and what is not (aq-mode).
    x264: str = "mbtree=1:rc-lookahead=10:bframes=2:aq-mode=2"
    crf: int = 23
    most_kbits: int = 6000  # of a second, over any two: phones on mobile data play it
    profile: str = "high"
    level: str = "4.0"
    threads: int = 0  # as many as there are cores


EDIT = Encoding()
LIGHT = Encoding(640, 360, preset="veryfast", x264="", crf=24, most_kbits=800, profile="main", level="3.0")


@dataclass(frozen=True)
class Recipe:
    """The making of one edit and all that goes with it."""

    demuxer: str
    decoder: str
    chains: tuple[str, ...]  # of filters, from the original (input 0) and the watermark (1) to [clip]
    rate: int  # frames per second
    clip_frames: int
    bumper_frames: int  # of the opening, and of the closing
    brand: Brand
    edit: Encoding = EDIT
    light: Encoding = LIGHT

    @property
    def frames(self) -> int:
        """Frames of the result."""
        return self.clip_frames + 2 * self.bumper_frames

    @property
    def duration(self) -> float:
        """Seconds of the result."""
        return self.frames / self.rate

    @property
    def keyframes(self) -> int:
        """Frames from one keyframe to the next."""
        return KEYFRAME_SECONDS * self.rate

    @property
    def encodings(self) -> dict[Rendition, Encoding]:
        """The renditions that are moving pictures."""
        return {Rendition.PROCESSED: self.edit, Rendition.LIGHT: self.light}

    @property
    def stills(self) -> Stills:
        """The frames that poster and sprite are made of."""
        return Stills(self.rate, self.clip_frames)

    @property
    def joinable(self) -> bool:
        """Whether bumpers can be joined to the clip as they are.

        Two keyframes never follow each other at once: decoders tell them apart by a number that both would share.
        """
        return all(frames % self.keyframes != 1 for frames in (self.clip_frames, self.bumper_frames))

    @property
    def graph(self) -> str:
        """The whole in one pass: [processed], [light], [posters], [looks], [sprite]. Input 2: the bumper's drawing."""
        return ";".join(
            [
                *self.chains,
                f"[2:v]{picture.DRAWN},{picture.TAGGED},split=3[still1][still2][bumper]",
                f"[still1]{self._bumper}[opening]",
                f"[still2]{self._bumper}[closing]",
                f"[opening][clip][closing]concat=n=3:v=1:a=0,{picture.TAGGED}[whole]",
                *self._legs("whole", self.bumper_frames),
            ]
        )

    @property
    def clip_graph(self) -> str:
        """The same without opening and closing, which are joined later."""
        return ";".join([*self.chains, f"[2:v]{picture.DRAWN}[bumper]", *self._legs("clip", 0)])

    @property
    def bumper_graph(self) -> str:
        """Opening or closing alone: [processed], [light]. The drawing is input 0."""
        drawn = f"[0:v]{picture.DRAWN},{picture.TAGGED},{self._bumper},split[processed][large]"
        return f"{drawn};{self._lightened}"

    @property
    def _bumper(self) -> str:
        frames = self.bumper_frames
        fade = min(round(FADE_SECONDS * self.rate), frames // 2)
        still = f"tpad=stop_mode=clone:stop={frames - 1}"
        return f"{still},fade=in:0:{fade}:color={INK},fade=out:{frames - fade}:{fade}:color={INK},{picture.TAGGED}"

    def _legs(self, source: str, first: int) -> list[str]:
        """All renditions from one source, in which the clip begins at frame `first`."""
        stills = self.stills.chains("frames", "bumper", first)
        return [f"[{source}]split=3[processed][large][frames]", self._lightened, *stills]

    @property
    def _lightened(self) -> str:
        # Ends in a format of its own: a graph that also makes JPEGs turns all else to full range otherwise.
        size = f"{self.light.width}:{self.light.height}"
        return f"[large]scale={size}:flags=bicubic,format=yuv420p,{picture.TAGGED}[light]"


def write(probe: Probe, limits: Limits, brand: Brand, encoding: Encoding = EDIT, light: Encoding = LIGHT) -> Recipe:
    """Write the recipe for a clip that the rules accept."""
    rate = rate_for(probe.rate)
    # A whole number of frames within the limit; the least excess of a float must not cost one.
    clip_frames = min(math.floor(limits.edit_clip_seconds * rate + 1e-6), round(probe.duration * rate))
    bumper_frames = max(1, math.floor(limits.edit_bumper_seconds * rate + 1e-6))
    decoder = DECODERS[probe.codec or ""]
    chains = tuple(_clip_chains(probe, rate, clip_frames))
    return Recipe(probe.demuxer, decoder, chains, rate, clip_frames, bumper_frames, brand, encoding, light)


def rate_for(rate: Fraction) -> int:
    """Choose the rate that a clip's own is nearest to, or to an even part or multiple of: 59.94, 30, 15 give 30."""

    def unevenness(candidate: int) -> float:
        octaves = math.log2(rate / candidate)
        return abs(octaves - round(octaves))

    return min(RATES, key=unevenness) if rate > 0 else RATES[-1]


def _clip_chains(probe: Probe, rate: int, frames: int) -> list[str]:
    whole = ["bwdif=mode=send_frame"] if probe.interlaced else []
    held = math.ceil(HELD_SECONDS * rate)
    begun = f"setpts=PTS-STARTPTS+{_ahead(probe.rate, rate):.6f}/TB"
    steady = [*whole, begun, f"fps={rate}"]  # before scaling: what is dropped costs nothing
    counted = [f"tpad=stop_mode=clone:stop={held}", f"trim=end_frame={frames}", "setpts=PTS-STARTPTS"]
    return [
        f"[0:{probe.index}]{','.join([*steady, *picture.fitted(probe)])}[fitted]",
        *picture.filled(probe, "fitted", "framed"),
        f"[framed]{','.join(counted)}[counted]",
        f"[counted][1:v]overlay={picture.WATERMARK_PLACE}:format=yuv420,format=yuv420p,{picture.TAGGED}[clip]",
    ]


def _ahead(own: Fraction, rate: int) -> float:
    """Return by how many seconds to move a faster clip's pictures, so that each frame shows the one of its moment.

    Without it every second picture of 60 falls on the very border between two frames of 30, where a millisecond of
    rounding or jitter throws it to either side, and motion stutters.
    """
    return max(0.0, float(1 / Fraction(rate) - 1 / own) / 2) if own > 0 else 0.0
