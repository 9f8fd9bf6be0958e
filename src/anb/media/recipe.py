"""What FFmpeg must do to make an edit of a clip: pure, from the clip's facts and the limits to one list of arguments.

One pass: trim, turn, fit, fill, watermark, opening, closing. Frames are counted, not timed: the recipe knows the exact
number of frames of the result, and the edit is published only when the result has that many.
"""

import math
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from anb.media import picture
from anb.media.probe import Probe
from anb.settings import Limits

# Goes up whenever the same clip would come out differently.
RECIPE_VERSION = 2

# Rates of the edit. A clip of 60 frames per second comes out at 30, one of 50 at 25: every second frame, evenly.
RATES = (24, 25, 30)
KEYFRAME_SECONDS = 2
FADE_SECONDS = 0.4
INK = "0x0B1322"  # the ground of the bumper, which it grows out of and sinks into

DECODERS = {"h264": "h264", "hevc": "hevc", "vp8": "vp8", "vp9": "vp9", "av1": "libdav1d"}
ALLOCATION_BYTES = 512 * 1024 * 1024  # one frame of 8192x8192 in ten bits takes 200 MB
# The last frame may be held this long to complete the count; a clip that lacks more cannot be read to its end.
HELD_SECONDS = 0.5
# Pictures may begin this much later than sound. It costs nothing: the graph stops the reading when it has its frames.
LATE_SECONDS = 10


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
    """How the result is coded: beyond `veryfast` little is gained for the CPU it takes (see bench)."""

    preset: str = "veryfast"
    crf: int = 23
    most_kbits: int = 6000  # of any two seconds: phones on mobile data play it
    threads: int = 0  # as many as there are cores


@dataclass(frozen=True)
class Recipe:
    """The making of one edit."""

    demuxer: str
    decoder: str
    graph: str
    rate: int  # frames per second
    clip_frames: int
    bumper_frames: int  # of the opening, and of the closing
    brand: Brand
    encoding: Encoding = field(default_factory=Encoding)

    @property
    def frames(self) -> int:
        """Frames of the result."""
        return self.clip_frames + 2 * self.bumper_frames

    @property
    def duration(self) -> float:
        """Seconds of the result."""
        return self.frames / self.rate

    def arguments(self, original: Path, result: Path) -> list[str]:
        """Return the arguments of FFmpeg."""
        watermark, bumper = (self._drawing(path) for path in (self.brand.watermark, self.brand.bumper))
        # However many frames are broken, FFmpeg goes on: what is missing is counted in the result.
        paths = ["-nostdin", "-y", "-max_alloc", str(ALLOCATION_BYTES), "-max_error_rate", "1"]
        joined = ["-filter_complex", self.graph, "-map", "[edit]"]
        return [
            *paths,
            *self._clip(original),
            *watermark,
            *bumper,
            *joined,
            *self._coded(),
            f"file:{result.absolute()}",
        ]

    def _clip(self, original: Path) -> list[str]:
        seconds = self.clip_frames / self.rate + LATE_SECONDS
        return [
            *_held_to(self.demuxer, self.decoder),
            *["-threads", str(self.encoding.threads), "-t", f"{seconds:.3f}", "-an", "-sn", "-dn"],
            # Browsers change the size midway; the graph must go on with it, not begin again with the opening.
            *["-reinit_filter", "0"],
            *["-i", f"file:{original.absolute()}"],
        ]

    def _drawing(self, path: Path) -> list[str]:
        return [*_held_to("png_pipe", "png"), "-framerate", str(self.rate), "-i", f"file:{path.absolute()}"]

    def _coded(self) -> list[str]:
        how, keyframes = self.encoding, str(KEYFRAME_SECONDS * self.rate)
        return [
            *["-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"],
            *["-metadata:s:v", "encoder=ANB Rising Stars"],
            *["-fps_mode", "cfr", "-r", str(self.rate), "-frames:v", str(self.frames)],
            *["-c:v", "libx264", "-preset", how.preset, "-crf", str(how.crf), "-threads", str(how.threads)],
            *["-maxrate", f"{how.most_kbits}k", "-bufsize", f"{2 * how.most_kbits}k"],
            *["-profile:v", "high", "-level:v", "4.0", "-pix_fmt", "yuv420p"],
            *["-g", keyframes, "-keyint_min", keyframes, "-sc_threshold", "0", "-flags:v", "+cgop+bitexact"],
            # Neither the container nor the stream (x264's SEI) says which program made it.
            *["-bsf:v", "filter_units=remove_types=6", "-fflags", "+bitexact", "-movflags", "+faststart", "-f", "mp4"],
        ]


def write(probe: Probe, limits: Limits, brand: Brand, encoding: Encoding = Encoding()) -> Recipe:
    """Write the recipe for a clip that the rules accept."""
    rate = rate_for(probe.rate)
    # A whole number of frames within the limit; the least excess of a float must not cost one.
    clip_frames = min(math.floor(limits.edit_clip_seconds * rate + 1e-6), round(probe.duration * rate))
    bumper_frames = math.floor(limits.edit_bumper_seconds * rate + 1e-6)
    graph = ";".join(
        [
            *_clip_chains(probe, rate, clip_frames),
            *_bumper_chains(rate, bumper_frames),
            f"[opening][clip][closing]concat=n=3:v=1:a=0,{picture.TAGGED}[edit]",
        ]
    )
    decoder = DECODERS[probe.codec or ""]
    return Recipe(probe.demuxer, decoder, graph, rate, clip_frames, bumper_frames, brand, encoding)


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
        f"[counted][1:v]overlay={picture.WATERMARK_PLACE}:format=yuv420,{picture.TAGGED}[clip]",
    ]


def _ahead(own: Fraction, rate: int) -> float:
    """Return by how many seconds to move a faster clip's pictures, so that each frame shows the one of its moment.

    Without it every second picture of 60 falls on the very border between two frames of 30, where a millisecond of
    rounding or jitter throws it to either side, and motion stutters.
    """
    return max(0.0, float(1 / Fraction(rate) - 1 / own) / 2) if own > 0 else 0.0


def _bumper_chains(rate: int, frames: int) -> list[str]:
    fade = min(round(FADE_SECONDS * rate), frames // 2)
    still = f"tpad=stop_mode=clone:stop={frames - 1}"
    fades = f"fade=in:0:{fade}:color={INK},fade=out:{frames - fade}:{fade}:color={INK}"
    drawn = f"[2:v]{picture.DRAWN},{picture.TAGGED},split[still1][still2]"
    return [drawn, f"[still1]{still},{fades}[opening]", f"[still2]{still},{fades}[closing]"]


def _held_to(demuxer: str, decoder: str) -> list[str]:
    """Return the options that let an input open with one demuxer and one decoder, from local files alone."""
    return [
        *["-f", demuxer, "-format_whitelist", demuxer, "-codec_whitelist", decoder, "-c:v", decoder],
        *["-protocol_whitelist", "file"],
    ]
