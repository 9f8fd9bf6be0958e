"""The commands of FFmpeg: arguments, files that a run may read, the folder it may write to, and its time limit.

An edit takes three runs: one makes everything from the clip, one joins it to the bumpers without encoding again, one
makes the chosen poster smaller. Where clip and bumpers cannot be joined, a single run makes the whole. Bumpers take a
run of their own, once per recipe and rate.
"""

from dataclasses import dataclass
from pathlib import Path

from anb.media import hlg, stills
from anb.media.recipe import Encoding, Recipe
from anb.media.renditions import POSTERS, Rendition
from anb.settings import MIB

ALLOCATION_BYTES = 512 * MIB  # one frame of 8192x8192 in ten bits takes 200 MB
# Pictures may begin this much later than sound. This costs nothing: the graph stops reading when it has its frames.
LATE_SECONDS = 10
# Time units per frame: with the same clock in all files, times of one are valid in another.
TICKS = 512

POSTER_QUALITY, SPRITE_QUALITY = 4, 5  # of JPEG: 2 is best, 31 worst
CANDIDATES, LOOKS, SPRITE = "posters.mjpeg", "looks.gray", "sprite.jpg"
# Of AVIF: 0 is best, 63 worst. At 32 it is as like the poster as a WebP that takes a third more bytes.
AVIF_QUALITY, SMALL_POSTER_QUALITY = 32, 5
_EACH_STILL = ["-fps_mode", "passthrough", "-map_metadata", "-1", "-flags:v", "+bitexact"]

# Time limit of a run: this much, plus this factor for each second of pictures it makes. 4K60 in HDR takes a fifth.
BUDGET_SECONDS = 60
BUDGET_FACTOR = 24


@dataclass(frozen=True)
class FfmpegRun:
    """One run of FFmpeg."""

    arguments: list[str]
    reads: list[Path]
    writes: Path  # the results folder, which the run may read too
    seconds: float  # of pictures made

    @property
    def budget(self) -> float:
        """The time limit in seconds."""
        return BUDGET_SECONDS + BUDGET_FACTOR * self.seconds


def clip(recipe: Recipe, original: Path, folder: Path) -> FfmpegRun:
    """Make everything from the clip without bumpers: clip-<rendition>.mp4 for joining, and the stills."""
    return _made(recipe, original, folder, recipe.clip_graph, "clip-", recipe.clip_frames)


def whole(recipe: Recipe, original: Path, folder: Path) -> FfmpegRun:
    """Make everything in one pass: <rendition>.mp4 with its bumpers, and the stills."""
    return _made(recipe, original, folder, recipe.graph, "", recipe.frames)


def bumper(recipe: Recipe, folder: Path) -> FfmpegRun:
    """Make bumper-<rendition>.mp4."""
    drawing = recipe.brand.bumper.absolute()
    graph = ["-filter_complex", recipe.bumper_graph]
    outputs = _videos(recipe, folder, "bumper-", recipe.bumper_frames)
    arguments = [*_global(), *_drawing(recipe, drawing), *graph, *outputs]
    return FfmpegRun(arguments, [drawing], folder.absolute(), recipe.bumper_frames / recipe.rate)


def join(recipe: Recipe, folder: Path) -> FfmpegRun:
    """Make <rendition>.mp4 by copying the parts in the lists bit for bit."""
    arguments = _global()
    for rendition in recipe.encodings:
        arguments += [
            # Without conversion, which would write each part's headers into its pictures, where MP4 does not allow
            # them.
            *["-f", "concat", "-auto_convert", "0", "-format_whitelist", "concat,mov", "-codec_whitelist", "h264"],
            *["-protocol_whitelist", "file", "-i", _file(joints_path(folder, rendition))],
        ]
    for number, rendition in enumerate(recipe.encodings):
        result = _file(folder / f"{rendition}.mp4")
        arguments += ["-map", f"{number}:v", "-c", "copy", *_contained(recipe), "-movflags", "+faststart", result]
    return FfmpegRun(arguments, [], folder.absolute(), recipe.duration)


def posters(recipe: Recipe, poster: Path, folder: Path) -> FfmpegRun:
    """Make the smaller posters of a poster; each file has its rendition's name."""
    arguments = [*_global(), *_held_to("jpeg_pipe", "mjpeg"), "-i", _file(poster)]
    arguments += ["-filter_complex", stills.smaller(POSTERS)]
    avif = ["-c:v", "libaom-av1", "-still-picture", "1", "-cpu-used", "6", "-crf", str(AVIF_QUALITY)]
    avif += ["-threads", str(recipe.edit.threads), "-fflags", "+bitexact", "-f", "avif"]
    jpeg = ["-c:v", "mjpeg", "-q:v", str(SMALL_POSTER_QUALITY), "-f", "image2", "-update", "1"]
    for number, rendition in enumerate(POSTERS):
        coded = jpeg if rendition is Rendition.POSTER_640_JPEG else avif
        arguments += ["-map", f"[size{number}]", "-frames:v", "1", *_EACH_STILL, *coded, _file(folder / rendition)]
    return FfmpegRun(arguments, [poster.absolute()], folder.absolute(), 1)


def joints(recipe: Recipe, rendition: Rendition) -> str:
    """List the parts of a rendition with their lengths, for FFmpeg's concat demuxer; parts are next to the list."""
    bumper, clip = ("bumper", recipe.bumper_frames), ("clip", recipe.clip_frames)
    lines = [
        f"file {part}-{rendition}.mp4\nduration {frames / recipe.rate:.6f}" for part, frames in (bumper, clip, bumper)
    ]
    return "\n".join(["ffconcat version 1.0", *lines]) + "\n"


def joints_path(folder: Path, rendition: Rendition) -> Path:
    """Return the path of the list of a rendition's parts."""
    return folder / f"{rendition}.ffconcat"


def _made(recipe: Recipe, original: Path, folder: Path, graph: str, prefix: str, frames: int) -> FfmpegRun:
    drawings = [path.absolute() for path in (recipe.brand.watermark, recipe.brand.bumper)]
    arguments = [
        *_global(),
        *_clip(recipe, original),
        *(word for path in drawings for word in _drawing(recipe, path)),
        *["-filter_complex", graph],
        *_videos(recipe, folder, prefix, frames),
        *_stills(folder),
    ]
    # The graph names the table if the clip is HLG.
    reads = [original.absolute(), *drawings, hlg.TABLE]
    return FfmpegRun(arguments, reads, folder.absolute(), frames / recipe.rate)


def _global() -> list[str]:
    # FFmpeg continues however many frames are broken: the missing ones are counted in the result.
    return ["-nostdin", "-y", "-max_alloc", str(ALLOCATION_BYTES), "-max_error_rate", "1"]


def _clip(recipe: Recipe, original: Path) -> list[str]:
    seconds = recipe.passed + recipe.clip_frames / recipe.rate + LATE_SECONDS
    return [
        *_held_to(recipe.demuxer, recipe.decoder),
        *["-threads", str(recipe.edit.threads), "-t", f"{seconds:.3f}", "-an", "-sn", "-dn"],
        # Browsers change the size midway; the graph must continue with it, not restart with the opening.
        *[*recipe.read, "-reinit_filter", "0", "-i", _file(original)],
    ]


def _drawing(recipe: Recipe, path: Path) -> list[str]:
    return [*_held_to("png_pipe", "png"), "-framerate", str(recipe.rate), "-i", _file(path)]


def _held_to(demuxer: str, decoder: str) -> list[str]:
    """Return the options that limit an input to one demuxer, one decoder and local files."""
    return [
        *["-f", demuxer, "-format_whitelist", demuxer, "-codec_whitelist", decoder, "-c:v", decoder],
        *["-protocol_whitelist", "file"],
    ]


def _videos(recipe: Recipe, folder: Path, prefix: str, frames: int) -> list[str]:
    outputs: list[str] = []
    for rendition, encoding in recipe.encodings.items():
        steady = ["-fps_mode", "cfr", "-r", str(recipe.rate), "-frames:v", str(frames)]
        # Parts that are joined later need no fast start; the flag costs writing the file twice.
        start = [] if prefix else ["-movflags", "+faststart"]
        coded = [*steady, *_coded(recipe, encoding), *_contained(recipe), *start]
        outputs += ["-map", f"[{rendition}]", *coded, _file(folder / f"{prefix}{rendition}.mp4")]
    return outputs


def _coded(recipe: Recipe, how: Encoding) -> list[str]:
    keyframes = str(recipe.keyframes)
    return [
        *["-c:v", "libx264", "-preset", how.preset, "-crf", str(how.crf), "-threads", str(how.threads)],
        *["-maxrate", f"{how.most_kbits}k", "-bufsize", f"{2 * how.most_kbits}k"],
        *["-profile:v", how.profile, "-level:v", how.level, "-pix_fmt", "yuv420p"],
        *["-g", keyframes, "-keyint_min", keyframes, "-sc_threshold", "0", "-flags:v", "+cgop+bitexact"],
        # Headers that do not depend on the pictures, so that files of the same encoding can be joined.
        *["-x264-params", ":".join(filter(None, ["stitchable=1", how.x264]))],
        # Neither the container nor the stream (x264's SEI) names the program that made it.
        *["-bsf:v", "filter_units=remove_types=6"],
    ]


def _contained(recipe: Recipe) -> list[str]:
    return [
        *["-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"],
        *["-metadata:s:v", "encoder=ANB Rising Stars", "-fflags", "+bitexact"],
        *["-video_track_timescale", str(TICKS * recipe.rate), "-write_btrt", "0", "-f", "mp4"],
    ]


def _stills(folder: Path) -> list[str]:
    each = _EACH_STILL
    return [
        *["-map", "[posters]", *each, "-c:v", "mjpeg", "-q:v", str(POSTER_QUALITY), "-f", "mjpeg"],
        _file(folder / CANDIDATES),
        *["-map", "[looks]", *each, "-c:v", "rawvideo", "-f", "rawvideo", _file(folder / LOOKS)],
        *["-map", "[sprite]", *each, "-c:v", "mjpeg", "-q:v", str(SPRITE_QUALITY), "-f", "image2", "-update", "1"],
        _file(folder / SPRITE),
    ]


def _file(path: Path) -> str:
    return f"file:{path.absolute()}"
