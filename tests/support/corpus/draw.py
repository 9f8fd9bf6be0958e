"""Draws a corpus clip: sets its samples, encodes them by FFmpeg, changes its boxes; caches it on the machine."""

import hashlib
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import IO

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from verify.kit import boxes

from support import markers
from support.clips import ffmpeg, kept_file
from support.corpus import colours, elements, fields, joins, moov_edits, packets
from support.corpus import source as source_module
from support.corpus.colours import encoded
from support.corpus.source import UPRIGHT, ClipSource
from support.markers import PALETTE, Samples

HALF_TURN = 180
# Horizontal and vertical steps of the chroma of each pixel format, and its bits.
_FORMS = {"420p": (2, 2), "422p": (2, 1), "444p": (1, 1)}


def draw(source: ClipSource) -> Path:
    """Return the drawn clip; the file is shared, so read it only."""
    modules = (source_module, markers, boxes, moov_edits, colours, elements, fields, joins, packets)
    paths = [Path(__file__), *(Path(str(module.__file__)) for module in modules)]
    code = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
    return kept_file(f"{source} {code}", source.container, lambda path: _make(source, path))


def _make(source: ClipSource, path: Path) -> None:
    if source.then is not None:
        parts = [draw(replace(source, then=None)), draw(source.then)]
        joins.join(parts, path, source.joint, source.muxed)
        return
    if source.coded[:2] == fields.PAFF:
        fields.write(source, _frames(source), path)
        _finish(source, path)
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


def _frames(source: ClipSource) -> Iterator[bytes]:
    """Yield the samples of each frame."""
    for number in range(source.first, source.first + source.frames):
        into = BytesIO()
        _pour(replace(source, first=number, frames=1), into)
        yield into.getvalue()


def _finish(source: ClipSource, path: Path) -> None:
    """Apply the changes that the encoder cannot make; a Matroska has no boxes to write a matrix into."""
    boxed = source.turned != UPRIGHT and not source.turned.by_stream
    turned, again = [source.turned] if boxed else [], list(source.again)
    if turned and source.container in {"webm", "mkv"}:
        assert not source.turned.mirrored
        again += ["-display_rotation:v:0", str(-source.turned.clockwise)]
        turned = []
    if again or source.copied:
        before = path.rename(path.with_stem(f"{path.stem}-before"))
        ffmpeg(*again, "-i", str(before), "-c", "copy", *source.copied, str(path))
        before.unlink()
    if source.remarks or source.spoken:
        before = path.rename(path.with_stem(f"{path.stem}-before"))
        if source.remarks:
            packets.remark(before, path, source.remarks)
        else:
            packets.turn(before, path, source.spoken)
        before.unlink()
    if source.elements:
        path.write_bytes(elements.changed(path.read_bytes(), source.elements))
    if changes := [*turned, *source.changes]:
        path.write_bytes(moov_edits.changed(path.read_bytes(), changes))


def _arguments(source: ClipSource) -> list[str]:
    size = "x".join(map(str, source.stored))
    filters = [source.look.tags(), f"setsar={source.sar}"]
    rate, clock = source.grid, "demux"
    if source.ticks:
        if "libsvtav1" in source.coded:  # it takes 240 pictures a second at most, and counts ticks as pictures
            rate, clock = Fraction(30), "filter"
            filters.append(f"settb=1/({source.grid})")
        filters.append(f"setpts={_timetable(source.ticks)}")
    if source.fields:
        filters.append({"top": "setfield=tff", "bottom": "setfield=bff"}[source.fields])
    return [
        *["-f", "rawvideo", "-pix_fmt", source.pixels, "-s", size, "-framerate", str(rate), "-i", "-"],
        *source.beside,
        *source.mapped,
        *["-filter:v:0", ",".join(filters), "-fps_mode:v:0", "passthrough", "-enc_time_base:v:0", clock],
        *["-pix_fmt:v:0", source.pixels],
        *source.coded,
        *_last(source),
        *source.muxed,
    ]


def _last(source: ClipSource) -> list[str]:
    """Return the options that let the last frame stay for longer than the others."""
    if not source.last:
        return []
    stays = f"{source.last}/TB_OUT/{source.grid}"
    return ["-bsf:v:0", f"setts=duration=if(eq(N\\,{source.frames - 1})\\,{stays}\\,DURATION)"]


def _timetable(ticks: Sequence[int]) -> str:
    """Return the expression of each picture's time by its number, in groups: FFmpeg nests at most 100 deep."""
    terms = [f"eq(N\\,{number})*{tick}" for number, tick in enumerate(ticks)]
    groups = ["+".join(terms[begin : begin + 16]) for begin in range(0, len(terms), 16)]
    return "+".join(f"({group})" for group in groups)


def _pour(source: ClipSource, into: IO[bytes]) -> None:
    """Write every frame's samples; only the counter changes from one to the next."""
    bits = source.bits
    palette = encoded(np.array(PALETTE), source.look, bits).astype("<u2" if bits > 8 else np.uint8)
    planes = _planes(source, palette)
    lumas = planes if source.pixels.startswith("gbr") else planes[:1]
    shades = tuple(int(palette[PALETTE.index(shade)][0]) for shade in (markers.DARK, markers.LIGHT))
    for number in range(source.first, source.first + source.frames):
        for plane in lumas:
            _count(plane, source, number, *shades)
        for plane in planes:
            into.write(np.ascontiguousarray(plane).data)


def stored(source: ClipSource) -> NDArray[np.uint8]:
    """Return the colour of each pixel as stored, rotated in the opposite direction to the players' rotation."""
    upright = source.layout.drawn()
    turned = np.rot90(upright[:, ::-1] if source.turned.mirrored else upright, source.turned.clockwise // 90)
    left, top, right, bottom = source.hidden
    return np.pad(turned, ((top, bottom), (left, right)), constant_values=PALETTE.index(markers.LIGHT))


def _planes(source: ClipSource, palette: Samples) -> list[Samples]:
    picture = stored(source)
    across, down = next((steps for form, steps in _FORMS.items() if form in source.pixels), (1, 1))
    return [np.array(palette[picture, 0]), *(palette[picture[::down, ::across], plane] for plane in (1, 2))]


def _count(plane: Samples, source: ClipSource, number: int, dark: int, light: int) -> None:
    """Draw what changes from frame to frame: the counter and, if a frame holds two moments, a moving bar."""
    markers.stamp(_upright(plane, source), source.layout, number, dark, light)
    if source.fields is not None:
        upright = _upright(plane, source)
        ground = upright[markers.band(source.layout)]
        first = (source.fields == "bottom") ^ (source.turned.clockwise == HALF_TURN)  # by the rows as they are stored
        for moment in (0, 1):
            rows = ground[(first + moment) % 2 :: 2]
            rows[:] = upright[source.layout.height // 2, source.layout.edge + 8]
            rows[:, markers.bar(source.layout, 2 * number + moment)] = light


def _upright(plane: Samples, source: ClipSource) -> Samples:
    """Return a view of a plane as players rotate it, to draw into."""
    left, top, *_ = source.hidden
    seen = plane[top : top + source.height, left : left + source.width]
    turned = np.rot90(seen, -source.turned.clockwise // 90)
    return turned[:, ::-1] if source.turned.mirrored else turned
