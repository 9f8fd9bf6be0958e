"""What FFmpeg is told, run by run: its arguments, the files it may read, the folder it may write to, its time.

An edit takes two runs: everything that is made of the clip, and joining it to the bumpers without a codec. Where they
do not fit each other, one run makes the whole instead. Bumpers take a run of their own, once per recipe and rate.
"""

from dataclasses import dataclass
from pathlib import Path

from anb.media import hlg
from anb.media.recipe import Encoding, Recipe
from anb.media.renditions import Rendition

ALLOCATION_BYTES = 512 * 1024 * 1024  # one frame of 8192x8192 in ten bits takes 200 MB
# Pictures may begin this much later than sound. It costs nothing: the graph stops the reading when it has its frames.
LATE_SECONDS = 10
# Units of time in a frame: with one clock for all, times of one file fit in another.
TICKS = 512

POSTER_QUALITY, SPRITE_QUALITY = 4, 5  # of JPEG: 2 is best, 31 worst
POSTERS, LOOKS, SPRITE = "posters.mjpeg", "looks.gray", "sprite.jpg"

# Time a run may take: this much, and so much for each second of pictures it makes. 4K60 in HDR takes a fifth of it.
BUDGET_SECONDS = 60
BUDGET_FACTOR = 24


@dataclass(frozen=True)
class Order:
    """One run of FFmpeg."""

    arguments: list[str]
    reads: list[Path]
    writes: Path  # the folder of results, which it may read too
    seconds: float  # of pictures made

    @property
    def budget(self) -> float:
        """Seconds it may take."""
        return BUDGET_SECONDS + BUDGET_FACTOR * self.seconds


def clip(recipe: Recipe, original: Path, folder: Path) -> Order:
    """Make everything of the clip but the bumpers: clip-<rendition>.mp4 for the joining, and the stills."""
    return _made(recipe, original, folder, recipe.clip_graph, "clip-", recipe.clip_frames)


def whole(recipe: Recipe, original: Path, folder: Path) -> Order:
    """Make everything in one pass: <rendition>.mp4 with its bumpers, and the stills."""
    return _made(recipe, original, folder, recipe.graph, "", recipe.frames)


def bumper(recipe: Recipe, folder: Path) -> Order:
    """Make bumper-<rendition>.mp4."""
    drawing = recipe.brand.bumper.absolute()
    graph = ["-filter_complex", recipe.bumper_graph]
    outputs = _videos(recipe, folder, "bumper-", recipe.bumper_frames)
    arguments = [*_global(), *_drawing(recipe, drawing), *graph, *outputs]
    return Order(arguments, [drawing], folder.absolute(), recipe.bumper_frames / recipe.rate)


def join(recipe: Recipe, folder: Path) -> Order:
    """Make <rendition>.mp4 by copying what the lists name, bit for bit."""
    arguments = _global()
    for rendition in recipe.encodings:
        arguments += [
            # Without conversion: it would write the headers of each part into its pictures, where MP4 has no place.
            *["-f", "concat", "-auto_convert", "0", "-format_whitelist", "concat,mov", "-codec_whitelist", "h264"],
            *["-protocol_whitelist", "file", "-i", _file(joints_path(folder, rendition))],
        ]
    for number, rendition in enumerate(recipe.encodings):
        result = _file(folder / f"{rendition}.mp4")
        arguments += ["-map", f"{number}:v", "-c", "copy", *_contained(recipe), "-movflags", "+faststart", result]
    return Order(arguments, [], folder.absolute(), recipe.duration)


def joints(recipe: Recipe, rendition: Rendition) -> str:
    """Name the parts of a rendition and how long each is, for FFmpeg's concat demuxer; they lie beside the list."""
    bumper, clip = ("bumper", recipe.bumper_frames), ("clip", recipe.clip_frames)
    lines = [
        f"file {part}-{rendition}.mp4\nduration {frames / recipe.rate:.6f}" for part, frames in (bumper, clip, bumper)
    ]
    return "\n".join(["ffconcat version 1.0", *lines]) + "\n"


def joints_path(folder: Path, rendition: Rendition) -> Path:
    """Say where the list of a rendition's parts lies."""
    return folder / f"{rendition}.ffconcat"


def _made(recipe: Recipe, original: Path, folder: Path, graph: str, prefix: str, frames: int) -> Order:
    drawings = [path.absolute() for path in (recipe.brand.watermark, recipe.brand.bumper)]
    arguments = [
        *_global(),
        *_clip(recipe, original),
        *(word for path in drawings for word in _drawing(recipe, path)),
        *["-filter_complex", graph],
        *_videos(recipe, folder, prefix, frames),
        *_stills(folder),
    ]
    # The table is named by the graph, where it is HLG.
    reads = [original.absolute(), *drawings, hlg.TABLE]
    return Order(arguments, reads, folder.absolute(), frames / recipe.rate)


def _global() -> list[str]:
    # However many frames are broken, FFmpeg goes on: what is missing is counted in the result.
    return ["-nostdin", "-y", "-max_alloc", str(ALLOCATION_BYTES), "-max_error_rate", "1"]


def _clip(recipe: Recipe, original: Path) -> list[str]:
    seconds = recipe.clip_frames / recipe.rate + LATE_SECONDS
    return [
        *_held_to(recipe.demuxer, recipe.decoder),
        *["-threads", str(recipe.edit.threads), "-t", f"{seconds:.3f}", "-an", "-sn", "-dn"],
        # Browsers change the size midway; the graph must go on with it, not begin again with the opening.
        *["-reinit_filter", "0", "-i", _file(original)],
    ]


def _drawing(recipe: Recipe, path: Path) -> list[str]:
    return [*_held_to("png_pipe", "png"), "-framerate", str(recipe.rate), "-i", _file(path)]


def _held_to(demuxer: str, decoder: str) -> list[str]:
    """Return the options that let an input open with one demuxer and one decoder, from local files alone."""
    return [
        *["-f", demuxer, "-format_whitelist", demuxer, "-codec_whitelist", decoder, "-c:v", decoder],
        *["-protocol_whitelist", "file"],
    ]


def _videos(recipe: Recipe, folder: Path, prefix: str, frames: int) -> list[str]:
    outputs: list[str] = []
    for rendition, encoding in recipe.encodings.items():
        steady = ["-fps_mode", "cfr", "-r", str(recipe.rate), "-frames:v", str(frames)]
        # Who joins parts later needs no fast start of each; the flag costs writing the file twice.
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
        # Headers that do not depend on what is shown, so that what has the same encoding can be joined.
        *["-x264-params", ":".join(filter(None, ["stitchable=1", how.x264]))],
        # Neither the container nor the stream (x264's SEI) says which program made it.
        *["-bsf:v", "filter_units=remove_types=6"],
    ]


def _contained(recipe: Recipe) -> list[str]:
    return [
        *["-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"],
        *["-metadata:s:v", "encoder=ANB Rising Stars", "-fflags", "+bitexact"],
        *["-video_track_timescale", str(TICKS * recipe.rate), "-write_btrt", "0", "-f", "mp4"],
    ]


def _stills(folder: Path) -> list[str]:
    each = ["-fps_mode", "passthrough", "-map_metadata", "-1", "-flags:v", "+bitexact"]
    return [
        *["-map", "[posters]", *each, "-c:v", "mjpeg", "-q:v", str(POSTER_QUALITY), "-f", "mjpeg"],
        _file(folder / POSTERS),
        *["-map", "[looks]", *each, "-c:v", "rawvideo", "-f", "rawvideo", _file(folder / LOOKS)],
        *["-map", "[sprite]", *each, "-c:v", "mjpeg", "-q:v", str(SPRITE_QUALITY), "-f", "image2", "-update", "1"],
        _file(folder / SPRITE),
    ]


def _file(path: Path) -> str:
    return f"file:{path.absolute()}"
