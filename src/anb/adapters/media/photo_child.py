"""Make square pictures of one untrusted photo, and print them as JSON; runs as a process of its own, in the sandbox.

Run it as `python -m anb.adapters.media.photo_child <least side> <most pixels>` with the photo as its standard input.
The child opens no container and no path: it gives the bytes of the picture to the one decoder that their beginning
names. What it prints is a picture coded anew, so nothing else of the file comes with it: no place, time or thumbnail.
"""

import json
import sys
from base64 import b64encode
from fractions import Fraction
from typing import Any, cast

import av
from av.filter import Graph
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from anb.adapters.media import photo_header
from anb.adapters.media.photo_header import Header, NoPhoto, PhotoCutShort

SIDE, SMALL_SIDE = 512, 128
QUALITY = "4"  # of 1, the best, to 31
ROUNDED = 128  # pixels
LAMBDA = 118  # FFmpeg's unit of quality
# By EXIF's number: how to turn and mirror a picture until it is upright.
TURNS = {
    2: "hflip",
    3: "hflip,vflip",
    4: "vflip",
    5: "transpose=0",
    6: "transpose=1",
    7: "transpose=3",
    8: "transpose=2",
}
RANGES = {1: "tv", 2: "pc"}


class Undecoded(Exception):
    """The decoder finds no whole picture."""


def make(data: bytes, least: int, most: int) -> dict[str, Any]:
    """Return what we make of a photo, or why we make nothing. Raises NoPhoto, PhotoCutShort, Undecoded."""
    header = photo_header.read(data)
    size = {"width": header.width, "height": header.height}
    if header.moves:
        return {"refused": "moves"}
    if min(size.values()) < least or header.width * header.height > most:
        return {"refused": "size", **size}
    frame = _decoded(data[: header.end], header)
    upright = _squared(frame, header.turn)
    pictures = {"large": upright, "small": upright.reformat(SMALL_SIDE, SMALL_SIDE, interpolation="AREA")}
    return {name: b64encode(_coded(picture)).decode() for name, picture in pictures.items()}


def _decoded(data: bytes, header: Header) -> VideoFrame:
    context = cast("VideoCodecContext", av.CodecContext.create(header.codec, "r"))
    context.thread_count = 1
    # The decoder may round sides up, and may not find another size than the header's.
    most = (header.width + ROUNDED) * (header.height + ROUNDED)
    context.options = {"max_pixels": str(most), "err_detect": "explode"}
    try:
        frames = [*context.decode(av.Packet(data)), *context.decode(None)]
    except av.FFmpegError as error:
        raise Undecoded(str(error)) from error
    if len(frames) != 1 or frames[0].is_corrupt or (frames[0].width, frames[0].height) != (header.width, header.height):
        raise Undecoded("no whole picture")
    return frames[0]


def _squared(frame: VideoFrame, turn: int) -> VideoFrame:
    """Return the middle of a picture as people see it: square, upright, over white where it is transparent."""
    side = min(frame.width, frame.height)
    kept = f"crop={side}:{side}"
    source = RANGES.get(int(frame.color_range))
    of = f"in_range={source}:" if source and frame.format.name.startswith("yuv") else ""
    size = f"scale={SIDE}:{SIDE}:{of}out_range=pc:out_color_matrix=bt601,format=yuv420p"
    upright = f",{TURNS[turn]}" if turn in TURNS else ""
    frame.pts, frame.time_base = 0, Fraction(1)
    graph = Graph()
    begin = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1))
    if _is_transparent(frame):
        cut = _chained(graph, begin, f"{kept},format=rgba")
        white = _chained(graph, graph.add("color", f"c=white:s={side}x{side}:r=1:d=1"), "format=rgb24")
        over = graph.add("overlay", "format=rgb:alpha=straight")
        white.link_to(over, 0, 0)
        cut.link_to(over, 0, 1)
        end = _chained(graph, over, size + upright)
    else:
        end = _chained(graph, begin, f"{kept},{size}{upright}")
    end.link_to(graph.add("buffersink"))
    graph.configure()
    graph.push(frame)
    graph.push(None)
    return cast("VideoFrame", graph.pull())


def _chained(graph: Graph, begin: Any, filters: str) -> Any:  # noqa: ANN401 - PyAV does not export its type
    for one in filters.split(","):
        name, _, arguments = one.partition("=")
        following = graph.add(name, arguments or None)
        begin.link_to(following)
        begin = following
    return begin


def _is_transparent(frame: VideoFrame) -> bool:
    return frame.format.name == "pal8" or any(part.is_alpha for part in frame.format.components)


def _coded(picture: VideoFrame) -> bytes:
    context = av.CodecContext.create("mjpeg", "w")
    context.width, context.height, context.pix_fmt = picture.width, picture.height, "yuvj420p"
    context.time_base = Fraction(1)
    context.options = {"flags": "+qscale+bitexact", "global_quality": str(LAMBDA * int(QUALITY))}
    picture.pts, picture.time_base = 0, Fraction(1)
    return b"".join(bytes(packet) for packet in [*context.encode(picture), *context.encode(None)])


def main(least: str, most: str) -> None:
    """Print the pictures, or why there are none."""
    av.logging.set_level(None)
    try:
        made = make(sys.stdin.buffer.read(), int(least), int(most))
    except NoPhoto:
        made = {"refused": "kind"}
    except PhotoCutShort:
        made = {"refused": "cut-short"}
    except (Undecoded, av.FFmpegError, MemoryError, ValueError):
        made = {"refused": "damaged"}
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main(*sys.argv[1:])
