"""The recipe of an edit: pure, from a clip's facts and the limits to numbers and filter graphs.

Frames are counted, not timed: the recipe knows the exact number of frames of the result, and the edit is published only
when the result has that many. `ffmpeg_commands` turns a recipe into commands.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from anb.media import chains, clip_part, picture
from anb.media.probe import Probe
from anb.media.renditions import Rendition
from anb.media.stills import Stills
from anb.settings import Limits

# Increases whenever the same clip would come out differently. `anb videos reedit` updates older videos.
# 1: the edit. 2: every second picture of 60, evenly. 3: light edit, poster and sprite; bumpers encoded once and joined.
# 4: encoded in less time at the same look. 5: crops, turns, scan and colours of each picture on its own; even steps.
# 6: the poster in smaller sizes.
RECIPE_VERSION = 6

# Rates of the edit. A clip of 60 frames per second comes out at 30, one of 50 at 25: every second frame, evenly.
RATES = (24, 25, 30)
KEYFRAME_SECONDS = 2
FADE_SECONDS = 0.4
INK = "0x0B1322"  # the background of the bumper, from which it fades in and to which it fades out

DECODERS = {"h264": "h264", "hevc": "hevc", "vp8": "vp8", "vp9": "vp9", "av1": "libdav1d"}


@dataclass(frozen=True)
class Brand:
    """The contest's own images, rendered when the package is built."""

    watermark: Path
    bumper: Path

    @classmethod
    def ours(cls) -> "Brand":
        """Return the images of this package."""
        folder = Path(__file__).with_name("brand")
        return cls(folder / "watermark.png", folder / "bumper.png")


@dataclass(frozen=True)
class Encoding:
    """How a video is encoded; chosen by measuring (docs/tuning.md)."""

    width: int = picture.WIDTH
    height: int = picture.HEIGHT
    preset: str = "superfast"
    # Beyond the preset: spend bits where they are seen (mbtree), and share them between flat and detailed areas
    # (aq-mode).
    x264: str = "mbtree=1:rc-lookahead=10:bframes=2:aq-mode=2"
    crf: int = 23
    most_kbits: int = 6000  # per second, over any two seconds: phones on mobile data play it
    profile: str = "high"
    level: str = "4.0"
    threads: int = 0  # one per core


EDIT = Encoding()
LIGHT = Encoding(640, 360, preset="veryfast", x264="", crf=24, most_kbits=800, profile="main", level="3.0")


@dataclass(frozen=True)
class Recipe:
    """The plan of one edit and its other renditions."""

    demuxer: str
    decoder: str
    chains: tuple[str, ...]  # filters, from the original (input 0) and the watermark (1) to [clip]
    rate: int  # frames per second
    clip_frames: int
    bumper_frames: int  # of the opening, and of the closing
    brand: Brand
    read: tuple[str, ...] = ()  # FFmpeg's options for reading the original
    edit: Encoding = EDIT
    light: Encoding = LIGHT
    passed: float = 0.0  # seconds of the original before the part that is shown
    before: float = 0.0  # how many of these seconds are decoded
    unsought: "Recipe | None" = None  # the same recipe without seeking, where this one seeks

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
        """The video renditions."""
        return {Rendition.PROCESSED: self.edit, Rendition.LIGHT: self.light}

    @property
    def stills(self) -> Stills:
        """The frames for poster and sprite."""
        return Stills(self.rate, self.clip_frames)

    @property
    def joinable(self) -> bool:
        """Whether bumpers can be joined to the clip as they are.

        Two keyframes must not follow each other directly: decoders tell them apart by a number that both would share.
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
        """The clip without opening and closing, which are joined later."""
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
        """Return the chains of all renditions from one source, in which the clip begins at frame `first`."""
        stills = self.stills.chains("frames", "bumper", first)
        return [f"[{source}]split=3[processed][large][frames]", self._lightened, *stills]

    @property
    def _lightened(self) -> str:
        # Ends in an explicit format: otherwise a graph that also makes JPEGs converts the rest to full range.
        size = f"{self.light.width}:{self.light.height}"
        return f"[large]scale={size}:flags=bicubic,format=yuv420p,{picture.TAGGED}[light]"


def plan_edit(probe: Probe, limits: Limits, brand: Brand, encoding: Encoding = EDIT, light: Encoding = LIGHT) -> Recipe:
    """Plan the edit of a clip that the rules accept, or of the part of it after its start."""
    sought = probe.start is not None and probe.start.seek is not None
    unsought = plan_edit(clip_part.unsought(probe), limits, brand, encoding, light) if sought else None
    probe = clip_part.after_start(probe)
    passed, before = (float(probe.start.at), float(probe.start.before)) if probe.start else (0.0, 0.0)
    rate = rate_for(probe.rate)
    # A whole number of frames within the limit; a float's rounding error must not cost one.
    clip_frames = min(math.floor(limits.edit_clip_seconds * rate + 1e-6), round(probe.duration * rate))
    bumper_frames = max(1, math.floor(limits.edit_bumper_seconds * rate + 1e-6))
    decoder = DECODERS[probe.codec or ""]
    made = tuple(chains.of_clip(probe, rate, clip_frames))
    read = tuple(chains.reading(probe))
    made_of = (probe.demuxer, decoder, made, rate, clip_frames, bumper_frames, brand, read)
    return Recipe(*made_of, encoding, light, passed, before, unsought)


def rate_for(rate: Fraction) -> int:
    """Choose the rate closest to the clip's own, or to an even part or multiple of it: 59.94, 90, 15 and 10 give 30."""

    def unevenness(candidate: int) -> float:
        ratio = float(max(rate / candidate, candidate / rate))
        # To a thousandth, so that the higher of two equally good rates is taken.
        return round(abs(math.log(ratio / round(ratio))), 3)

    return min(reversed(RATES), key=unevenness) if rate > 0 else RATES[-1]
