"""Reads the pixels of a video as numbers, by libav, independently of the code that made it."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]  # height, width, RGB
Colour = tuple[float, float, float]

# The colours that FFmpeg's names mean.
COLOURS: dict[str, Colour] = {
    "red": (255, 0, 0),
    "lime": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "ink": (11, 19, 34),
    "paper": (251, 246, 236),
    "orange": (242, 96, 12),
}


def pictures(path: Path) -> list[Picture]:
    """Decode every frame."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24").astype(np.uint8) for frame in container.decode(video=0)]


def picture(path: Path, seconds: float) -> Picture:
    """Decode the frame shown at a moment."""
    with av.open(str(path)) as container:
        shown = None
        for frame in container.decode(video=0):
            if shown is not None and (frame.time or 0) > seconds + 1e-6:
                break
            shown = frame
    assert shown is not None
    return shown.to_ndarray(format="rgb24").astype(np.uint8)


def times(path: Path) -> list[Fraction]:
    """Return when each frame is shown, in seconds."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return sorted(
            Fraction(packet.pts or 0) * (stream.time_base or 0) for packet in container.demux(stream) if packet.size
        )


def keyframes(path: Path) -> list[Fraction]:
    """Return when each keyframe is shown, in seconds."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [
            Fraction(packet.pts or 0) * (stream.time_base or 0)
            for packet in container.demux(stream)
            if packet.is_keyframe
        ]


def colour(shown: Picture, left: int, top: int, width: int, height: int) -> Colour:
    """Return the mean colour of a part of a picture."""
    part = shown[top : top + height, left : left + width].reshape(-1, 3).mean(axis=0)
    return float(part[0]), float(part[1]), float(part[2])


def is_like(found: Colour, wanted: str | Colour, tolerance: float = 24) -> bool:
    """Say whether two colours differ by at most `tolerance` in each of red, green and blue."""
    aim = COLOURS[wanted] if isinstance(wanted, str) else wanted
    return all(abs(one - other) <= tolerance for one, other in zip(found, aim, strict=True))


def difference(one: Picture, other: Picture) -> float:
    """Return the mean absolute difference of two pictures."""
    return float(np.abs(one.astype(int) - other.astype(int)).mean())
