"""Measures the edit of a corpus clip frame by frame; libav decodes it, the rest is our own arithmetic."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.plane import VideoPlane
from numpy.typing import NDArray

from support import markers
from support.corpus.colours import Numbers, decoded
from support.markers import Layout, Rect

WIDTH, HEIGHT = 1280, 720
NEARLY = 0.012  # a shape this close to 16:9 may be stretched to fill the frame


@dataclass(frozen=True)
class Frame:
    """The samples of one picture of an edit."""

    luma: NDArray[np.uint8]
    blueness: NDArray[np.uint8]
    redness: NDArray[np.uint8]

    def seen(self, left: float, top: float, right: float, bottom: float) -> Numbers:
        """Return the mean colour of an area of the frame, as people see it: red, green, blue from 0 to 1."""
        samples = [self._mean(self.luma, left, top, right, bottom)]
        samples += [
            self._mean(plane, left / 2, top / 2, right / 2, bottom / 2) for plane in (self.blueness, self.redness)
        ]
        return decoded(np.array(samples))

    @staticmethod
    def _mean(plane: NDArray[np.uint8], left: float, top: float, right: float, bottom: float) -> float:
        return float(
            plane[
                round(top) : max(round(bottom), round(top) + 1), round(left) : max(round(right), round(left) + 1)
            ].mean()
        )


@dataclass(frozen=True)
class Sight:
    """Where the clip is in the frame: whole, as large as fits, in the middle; computed without the product."""

    layout: Layout
    left: float
    top: float
    width: float
    height: float

    @classmethod
    def of(cls, layout: Layout, shape: Fraction) -> "Sight":
        """Compute where a clip of a shape must be."""
        wide = float(shape) / (WIDTH / HEIGHT)
        if abs(wide - 1) <= NEARLY:
            return cls(layout, 0, 0, WIDTH, HEIGHT)
        width, height = (WIDTH, HEIGHT / wide) if wide > 1 else (WIDTH * wide, HEIGHT)
        return cls(layout, (WIDTH - width) / 2, (HEIGHT - height) / 2, width, height)

    def area(self, place: Rect, inset: float = 0.25) -> tuple[float, float, float, float]:
        """Return the pixels of a place, without its rim: chroma is blurred there."""
        left, top, right, bottom = place
        across, down = (right - left) * Fraction(inset), (bottom - top) * Fraction(inset)
        return (
            self.left + float(left + across) * self.width,
            self.top + float(top + down) * self.height,
            self.left + float(right - across) * self.width,
            self.top + float(bottom - down) * self.height,
        )

    def number(self, frame: Frame) -> int | None:
        """Read the counter of a frame."""
        means = []
        for block in self.layout.blocks():
            left, top, right, bottom = (round(each) for each in self.area(block))
            means.append(frame.luma[top:bottom, left:right].mean())
        return markers.read(np.array(means))


def frames(path: Path) -> Iterator[Frame]:
    """Decode every frame of an edit. Its pictures must be 4:2:0 of 8 bits, or this raises."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for picture in container.decode(video=0):
            assert picture.format.name == "yuv420p", picture.format.name
            yield Frame(*(_plane(plane) for plane in picture.planes))


def _plane(plane: VideoPlane) -> NDArray[np.uint8]:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return np.array(rows[:, : plane.width])
