"""The brand in an edit: the watermark on every frame of the clip, the bumpers before and after and nowhere else."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

import anb.media
from support.corpus.perception import HEIGHT, WIDTH, Frame

FROM_RIGHT, FROM_BOTTOM = 32, 28
SOLID = 230  # opacity of its strokes, of 255
MOST = 15.0  # mean difference in luma that encoding and translucency may cause
BUMPER_MOST = 3.0
INK_LUMA, INK_MOST = 32.0, 6.0  # the ground of the bumper; its edge fades from and to it


def watermark_faults(frame: Frame, name: str) -> Iterator[str]:
    """The watermark is in its place."""
    off = watermark_distance(frame)
    if off > MOST:
        yield f"{name}: the watermark is not in its place ({off:.0f} levels off)"


def bumper_faults(frame: Frame, number: int, length: int, name: str, *, edge: int) -> Iterator[str]:
    """A bumper frame shows the bumper without the watermark; its first or last frame is ink."""
    if number == edge and abs(float(frame.luma.mean()) - INK_LUMA) > INK_MOST:
        yield f"{name}: does not begin or end in ink (mean luma {frame.luma.mean():.0f})"
    if number == length // 2 and (off := _apart(frame.luma, _bumper())) > BUMPER_MOST:
        yield f"{name}: is not the bumper ({off:.1f} levels off)"
    if watermark_distance(frame) < MOST:
        yield f"{name}: bears the watermark on the bumper"


def watermark_distance(frame: Frame) -> float:
    """Return how far the frame differs from the solid strokes of the watermark in their place."""
    picture, solid = _watermark()
    high, wide = picture.shape
    left, top = WIDTH - wide - FROM_RIGHT, HEIGHT - high - FROM_BOTTOM
    return _apart(frame.luma[top : top + high, left : left + wide][solid], picture[solid])


def _apart(one: NDArray[np.generic], other: NDArray[np.float64]) -> float:
    return float(np.abs(one.astype(float) - other).mean())


@cache
def _watermark() -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    picture = _drawn("watermark.png")
    solid = picture[..., 3] >= SOLID
    assert solid.sum() > 200
    return _luma(picture), solid


@cache
def _bumper() -> NDArray[np.float64]:
    return _luma(_drawn("bumper.png"))


def _drawn(name: str) -> NDArray[np.uint8]:
    path = Path(str(anb.media.__file__)).parent / "brand" / name
    with av.open(str(path)) as container:
        return np.asarray(next(container.decode(video=0)).to_ndarray(format="rgba"), np.uint8)


def _luma(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.asarray(16 + picture[..., :3] @ np.array([0.2126, 0.7152, 0.0722]) * 219 / 255)
