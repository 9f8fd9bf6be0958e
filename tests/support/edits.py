"""Whether a published file is the contract's broadcast edit; checked with libav, not with our own probe."""

import io
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
from numpy.typing import NDArray

BUMPERS = 2 * 2.5  # seconds of opening and closing
Picture = NDArray[np.uint8]


def check_edit(file: bytes, *, clip_seconds: float) -> None:
    """Check container, stream, length and rate, and that the brand is where it must be."""
    assert moov_first(file)
    assert b"\xa9xyz" not in file  # where phones write their location
    pictures: dict[int, Picture] = {}
    with av.open(io.BytesIO(file), "r") as container:
        assert [stream.type for stream in container.streams] == ["video"]
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.width, context.height, context.pix_fmt) == ("h264", 1280, 720, "yuv420p")
        assert stream.sample_aspect_ratio in {None, Fraction(1)}
        times = []
        for frame in container.decode(stream):
            assert (int(frame.colorspace), int(frame.color_range)) == (1, 1)  # BT.709, limited range
            times.append(Fraction(frame.pts or 0) * (stream.time_base or 0))
            if len(times) % 15 == 1:
                pictures[len(times) - 1] = frame.to_ndarray(format="rgb24").astype(np.uint8)
    steps = {later - earlier for earlier, later in pairwise(times)}
    assert len(steps) == 1, f"the rate is not constant: {steps}"
    step = steps.pop()
    length = float(len(times) * step)
    assert length <= 35
    assert abs(length - (clip_seconds + BUMPERS)) <= 2 * float(step) + 0.1, length
    check_brand(pictures, rate=float(1 / step), frames=len(times))


def check_brand(pictures: dict[int, Picture], rate: float, frames: int) -> None:
    """Check that opening and closing show the bumper, and that the middle does not."""
    opening = at(pictures, 1.25 * rate)
    closing = at(pictures, frames - 1.25 * rate)
    middle = at(pictures, frames / 2)
    assert alike(opening, closing)
    assert not alike(opening, middle)


def at(pictures: dict[int, Picture], frame: float) -> Picture:
    """Return the picture nearest to a frame."""
    return pictures[min(pictures, key=lambda number: abs(number - frame))]


def alike(one: Picture, other: Picture) -> bool:
    """Say whether two pictures are equal except for coding losses."""
    return float(np.abs(one.astype(int) - other.astype(int)).mean()) < 6


def moov_first(file: bytes) -> bool:
    """Say whether the file gives a player all it needs before the pictures."""
    return 0 < file.find(b"moov") < file.find(b"mdat")
