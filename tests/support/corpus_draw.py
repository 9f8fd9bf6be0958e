"""Draw a clip of the corpus: its samples set one by one, coded by FFmpeg, its boxes changed; kept for the machine."""

import hashlib
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from support import corpus_boxes, corpus_colours, corpus_source, markers
from support.clips import ffmpeg, kept_file
from support.corpus_colours import encoded
from support.corpus_source import UPRIGHT, Source
from support.markers import PALETTE, Samples

# Horizontal and vertical steps of the chroma of each pixel format, and its bits.
_FORMS = {"420p": (2, 2), "422p": (2, 1), "444p": (1, 1)}


def draw(source: Source) -> Path:
    """Return the drawn clip; the file is shared, so read it only."""
    modules = (corpus_source, markers, corpus_boxes, corpus_colours)
    paths = [Path(__file__), *(Path(str(module.__file__)) for module in modules)]
    code = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
    return kept_file(f"{source} {code}", source.container, lambda path: _make(source, path))


def _make(source: Source, path: Path) -> None:
    if source.then is not None:
        _join([draw(replace(source, then=None)), draw(source.then)], path)
        return
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *_arguments(source), str(path)]
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said) as process, suppress(BrokenPipeError):
            assert process.stdin
            _pour(source, process.stdin)
            process.stdin.close()
        said.seek(0)
        assert process.returncode == 0, f"{' '.join(command)}\n{said.read().decode()}"
    _finish(source, path)


def _finish(source: Source, path: Path) -> None:
    """Do to the file what the coder does not; a Matroska has no boxes to write a matrix into."""
    turned, again = [source.turned] if source.turned != UPRIGHT else [], list(source.again)
    if turned and source.container in {"webm", "mkv"}:
        assert not source.turned.mirrored
        again += ["-display_rotation:v:0", str(-source.turned.clockwise)]
        turned = []
    if again:
        before = path.rename(path.with_stem(f"{path.stem}-before"))
        ffmpeg(*again, "-i", str(before), "-c", "copy", str(path))
        before.unlink()
    if changes := [*turned, *source.changes]:
        path.write_bytes(corpus_boxes.changed(path.read_bytes(), changes))


def _join(parts: Sequence[Path], path: Path) -> None:
    """Put one file's pictures after another's, in one track, as they are."""
    names = path.with_suffix(".txt")
    names.write_text("".join(f"file '{part}'\n" for part in parts), encoding="utf-8")
    ffmpeg("-f", "concat", "-safe", "0", "-i", str(names), "-c", "copy", str(path))
    names.unlink()


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
        *_last(source),
        *source.muxed,
    ]


def _last(source: Source) -> list[str]:
    """Return the options that let the last frame stay for longer than the others."""
    if not source.last:
        return []
    stays = f"{source.last}/TB_OUT/{source.grid}"
    return ["-bsf:v:0", f"setts=duration=if(eq(N\\,{source.frames - 1})\\,{stays}\\,DURATION)"]


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
    for number in range(source.first, source.first + source.frames):
        for plane in lumas:
            _count(plane, source, number, *shades)
        for plane in planes:
            into.write(np.ascontiguousarray(plane).data)


def stored(source: Source) -> NDArray[np.uint8]:
    """Return the picture as stored, turned the other way round than players turn it: for each pixel its colour."""
    upright = source.layout.drawn()
    turned = np.rot90(upright[:, ::-1] if source.turned.mirrored else upright, source.turned.clockwise // 90)
    return np.pad(turned, ((0, source.spare), (0, 0)), constant_values=PALETTE.index(markers.LIGHT))


def _planes(source: Source, palette: Samples) -> list[Samples]:
    picture = stored(source)
    across, down = next((steps for form, steps in _FORMS.items() if form in source.pixels), (1, 1))
    return [np.array(palette[picture, 0]), *(palette[picture[::down, ::across], plane] for plane in (1, 2))]


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
