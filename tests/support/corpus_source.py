"""A clip of the corpus: what it is made of, and its making, once per machine and outside the repository."""

import hashlib
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO, Literal

import imageio_ffmpeg
import numpy as np

from support import corpus_boxes, corpus_colours, markers
from support.clips import ffmpeg, kept_file
from support.corpus_boxes import Change, Turned
from support.corpus_colours import Look, encoded
from support.markers import PALETTE, Layout, Samples

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-g", "30")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-crf", "12", "-g", "30", "-tag:v", "hvc1", "-x265-params")
HEVC_PLAIN = (*HEVC, "log-level=none")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "16", "-b:v", "20M", "-g", "30")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-crf", "10", "-b:v", "0")
AV1 = ("-c:v", "libsvtav1", "-preset", "12", "-crf", "10", "-g", "30", "-svtav1-params", "progress=0")

# Horizontal and vertical steps of the chroma of each pixel format, and its bits.
_FORMS = {"420p": (2, 2), "422p": (2, 1), "444p": (1, 1)}


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
    changes: tuple[Change, ...] = ()

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
        return [Fraction(tick) / self.grid for tick in self.ticks or range(self.frames)]


def draw(source: Source) -> Path:
    """Return the drawn clip; the file is shared, so read it only."""
    modules = (__file__, markers.__file__, corpus_boxes.__file__, corpus_colours.__file__)
    code = hashlib.sha256(b"".join(Path(module).read_bytes() for module in modules)).hexdigest()
    return kept_file(f"{source} {code}", source.container, lambda path: _make(source, path))


def _make(source: Source, path: Path) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *_arguments(source), str(path)]
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said) as process, suppress(BrokenPipeError):
            assert process.stdin
            _pour(source, process.stdin)
            process.stdin.close()
        said.seek(0)
        assert process.returncode == 0, f"{' '.join(command)}\n{said.read().decode()}"
    turned = [] if source.turned == UPRIGHT else [source.turned]
    if source.container in {"webm", "mkv"} and turned:
        _turn(path, source.turned)
    elif changes := [*turned, *source.changes]:
        path.write_bytes(corpus_boxes.changed(path.read_bytes(), changes))


def _turn(path: Path, turned: Turned) -> None:
    """Turn a Matroska, which has no boxes to write a matrix into."""
    assert not turned.mirrored
    whole = path.rename(path.with_stem(f"{path.stem}-upright"))
    ffmpeg("-display_rotation:v:0", str(-turned.clockwise), "-i", str(whole), "-c", "copy", str(path))
    whole.unlink()


def _arguments(source: Source) -> list[str]:
    size = f"{source.width}x{source.height + source.spare}"
    filters = [source.look.tags(), f"setsar={source.sar}"]
    if source.ticks:
        filters.append(f"setpts={_timetable(source.ticks)}")
    if source.fields:
        filters.append({"top": "setfield=tff", "bottom": "setfield=bff"}[source.fields])
    return [
        *["-f", "rawvideo", "-pix_fmt", source.pixels, "-s", size, "-framerate", str(source.grid), "-i", "-"],
        *source.beside,
        *source.mapped,
        *["-filter:v:0", ",".join(filters), "-fps_mode:v:0", "passthrough", "-enc_time_base:v:0", "demux"],
        *["-pix_fmt:v:0", source.pixels],
        *source.coded,
        *source.muxed,
    ]


def _timetable(ticks: Sequence[int]) -> str:
    """Return the expression of each picture's time by its number; in groups, for FFmpeg's are at most 100 deep."""
    terms = [f"eq(N\\,{number})*{tick}" for number, tick in enumerate(ticks)]
    groups = ["+".join(terms[begin : begin + 16]) for begin in range(0, len(terms), 16)]
    return "+".join(f"({group})" for group in groups)


def _pour(source: Source, into: IO[bytes]) -> None:
    """Write every frame's samples; only the counter changes from one to the next."""
    bits = 10 if "10" in source.pixels else 8
    palette = encoded(np.array(PALETTE), source.look, bits).astype("<u2" if bits > 8 else np.uint8)
    planes = _planes(source, palette)
    lumas = planes if source.pixels.startswith("gbr") else planes[:1]
    shades = tuple(int(palette[PALETTE.index(shade)][0]) for shade in (markers.DARK, markers.LIGHT))
    for number in range(source.frames):
        for plane in lumas:
            _count(plane, source, number, *shades)
        for plane in planes:
            into.write(np.ascontiguousarray(plane).data)


def _planes(source: Source, palette: Samples) -> list[Samples]:
    """Return the planes of the picture as stored, turned the other way round than players turn it."""
    upright = source.layout.drawn()
    stored = np.rot90(upright[:, ::-1] if source.turned.mirrored else upright, source.turned.clockwise // 90)
    stored = np.pad(stored, ((0, source.spare), (0, 0)), constant_values=PALETTE.index(markers.LIGHT))
    across, down = next((steps for form, steps in _FORMS.items() if form in source.pixels), (1, 1))
    return [np.array(palette[stored, 0]), *(palette[stored[::down, ::across], plane] for plane in (1, 2))]


def _count(plane: Samples, source: Source, number: int, dark: int, light: int) -> None:
    """Draw what changes from frame to frame: the counter, and where a frame holds two moments a bar that moves on."""
    markers.stamp(_upright(plane, source), source.layout, number, dark, light)
    if source.fields is not None:
        ground = plane[markers.band(source.layout)]
        first = 0 if source.fields == "top" else 1
        for moment in (0, 1):
            rows = ground[(first + moment) % 2 :: 2]
            rows[:] = plane[source.layout.height // 2, source.layout.edge + 8]
            rows[:, markers.bar(source.layout, 2 * number + moment)] = light


def _upright(plane: Samples, source: Source) -> Samples:
    """Return a view of a plane as players turn it, to draw into."""
    turned = np.rot90(plane[: source.height], -source.turned.clockwise // 90)
    return turned[:, ::-1] if source.turned.mirrored else turned
