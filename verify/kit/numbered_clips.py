"""Clips with a number in their pictures: the pixels of an edit identify its original."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

# The rules that accept such a clip and make its edit in about a second.
SETTINGS = {
    "ANB_CLIP_MIN_SECONDS": "0.5",
    "ANB_CLIP_MIN_SIDE": "180",
    "ANB_EDIT_CLIP_SECONDS": "1",
    "ANB_EDIT_BUMPER_SECONDS": "0.2",
}
WIDTH, HEIGHT, RATE, FRAMES = 320, 180, 24, 24
COLUMNS, ROWS = 10, 2
BITS = 16  # of the number; the other four cells hold the sum of its nibbles
TOP, CELL = 0.3, 0.2  # the top of the cells and the height of one, as fractions of the height


class NumberUnreadable(ValueError):
    """The pictures contain no number."""


def draw(code: int) -> bytes:
    """Return an MP4 of one second whose pictures contain the number."""
    return encode(_pictures(code), WIDTH, HEIGHT, RATE)


def encode(pictures: Iterable[av.VideoFrame], width: int, height: int, rate: int) -> bytes:
    """Return an MP4 of the pictures, encoded fast."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return file.getvalue()


def read(path: Path) -> int:
    """Return the number in the middle picture of a clip or an edit. Raises NumberUnreadable."""
    try:
        with av.open(str(path)) as container:
            grey = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    except (av.FFmpegError, OSError) as error:
        raise NumberUnreadable(f"{path.name}: {error}") from error
    if not grey:
        raise NumberUnreadable(f"{path.name}: no picture")
    shown = grey[len(grey) // 2]
    bits = [_is_light(shown, place) for place in range(COLUMNS * ROWS)]
    code = sum(bit << place for place, bit in enumerate(bits[:BITS]))
    if bits != _bits(code):
        raise NumberUnreadable(f"{path.name}: its sum is wrong")
    return code


def _pictures(code: int) -> Iterator[av.VideoFrame]:
    picture = np.full((HEIGHT, WIDTH, 3), 96, dtype=np.uint8)
    for place, bit in enumerate(_bits(code)):
        top, bottom, left, right = _cell(place, HEIGHT, WIDTH)
        picture[top:bottom, left:right] = 235 if bit else 20
    for number in range(FRAMES):
        picture[-8:, number * 8 : number * 8 + 8] = 255  # a moving element
        yield av.VideoFrame.from_ndarray(picture, format="rgb24")


def _bits(code: int) -> list[bool]:
    if not 0 <= code < 1 << BITS:
        raise ValueError(code)
    check = sum(code >> shift & 15 for shift in range(0, BITS, 4)) + 5 & 15  # all black and all white are invalid
    whole = code | check << BITS
    return [bool(whole >> place & 1) for place in range(COLUMNS * ROWS)]


def _cell(place: int, height: int, width: int) -> tuple[int, int, int, int]:
    row, column = divmod(place, COLUMNS)
    top, bottom = (round((TOP + CELL * line) * height) for line in (row, row + 1))
    return top, bottom, column * width // COLUMNS, (column + 1) * width // COLUMNS


def _is_light(shown: NDArray[np.generic], place: int) -> bool:
    top, bottom, left, right = _cell(place, *shown.shape[:2])
    down, across = (bottom - top) // 4, (right - left) // 4
    return bool(shown[top + down : bottom - down, left + across : right - across].mean() > 128)
