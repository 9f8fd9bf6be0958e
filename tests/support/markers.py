"""What is drawn on each clip of the corpus so that its edit can be read: edge, corners, frame counter, colour patches.

Everything is a map of a small palette, so that a file's samples are known, not converted by the code under test.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.uint8] | NDArray[np.uint16]
Rect = tuple[Fraction, Fraction, Fraction, Fraction]  # left, top, right, bottom as fractions of the whole picture

# The counter: twelve bits of the frame's number, then four that check them; never all black, never all white.
COLUMNS, ROWS = 8, 2
DATA_BITS, CHECK_BITS = 12, 4
BLACK, WHITE = 0.1, 0.9  # R'G'B'
BAR_STEP = 160  # the bar moves by this fraction of the width each moment, and is twice as wide
SURE = 0.25  # a block further than this share of the contrast from both is a mixture of two frames

# As people see them: sRGB from 0 to 1. The corners first, by their position.
CORNERS = {
    "top left": (0.8, 0.1, 0.1),
    "top right": (0.1, 0.7, 0.1),
    "bottom left": (0.1, 0.1, 0.8),
    "bottom right": (0.7, 0.7, 0.1),
}
PATCHES = {
    "black": (0.0, 0.0, 0.0),
    "shadow": (0.12, 0.12, 0.12),
    "dark grey": (0.3, 0.3, 0.3),
    "grey": (0.46, 0.46, 0.46),
    "light grey": (0.7, 0.7, 0.7),
    "white": (1.0, 1.0, 1.0),
    "dark skin": (0.45, 0.32, 0.27),
    "light skin": (0.76, 0.59, 0.51),
    "hardwood": (0.8, 0.6, 0.38),
    "ball": (0.85, 0.42, 0.16),
    "red": (0.7, 0.12, 0.14),
    "green": (0.2, 0.55, 0.25),
    "blue": (0.14, 0.25, 0.65),
    "cyan": (0.1, 0.6, 0.65),
    "magenta": (0.68, 0.2, 0.55),
    "yellow": (0.88, 0.78, 0.16),
}
GROUND, EDGE, DARK, LIGHT = (0.4, 0.4, 0.4), (0.95, 0.95, 0.95), (BLACK,) * 3, (WHITE,) * 3
PALETTE = [GROUND, EDGE, DARK, LIGHT, *CORNERS.values(), *PATCHES.values()]


@dataclass(frozen=True)
class Layout:
    """Where everything is on a picture of this many pixels, upright; each edge is on an even pixel."""

    width: int
    height: int

    @property
    def edge(self) -> int:
        """Width, in pixels, of the light edge around the picture."""
        return self._even(Fraction(min(self.width, self.height), 48))

    def corners(self) -> dict[str, Rect]:
        """Return the squares in the corners, inside the edge."""
        side, edge = self._even(Fraction(min(self.width, self.height), 8)), self.edge
        places = {"left": edge, "top": edge, "right": self.width - edge - side, "bottom": self.height - edge - side}
        return {
            name: self._part(places[across], places[down], side, side)
            for name, (down, across) in ((name, name.split()) for name in CORNERS)
        }

    def blocks(self) -> list[Rect]:
        """Return the blocks of the counter, highest bit first."""
        return self._grid(Fraction(1, 5), Fraction(1, 4), Fraction(4, 5), Fraction(9, 20), COLUMNS, ROWS)

    def patches(self) -> dict[str, Rect]:
        """Return the colour patches."""
        places = self._grid(Fraction(1, 8), Fraction(11, 20), Fraction(7, 8), Fraction(4, 5), 8, 2)
        return dict(zip(PATCHES, places, strict=True))

    def drawn(self) -> NDArray[np.uint8]:
        """Return the picture without its counter: for each pixel, its number in the palette."""
        picture = np.full((self.height, self.width), PALETTE.index(GROUND), np.uint8)
        edge = self.edge
        for band in (np.s_[:edge], np.s_[-edge:], np.s_[:, :edge], np.s_[:, -edge:]):
            picture[band] = PALETTE.index(EDGE)
        for number, place in enumerate([*self.corners().values(), *self.patches().values()], start=4):
            picture[self.pixels(place)] = number
        return picture

    def pixels(self, place: Rect) -> tuple[slice, slice]:
        """Return the rows and columns of a place."""
        left, top, right, bottom = place
        rows = slice(round(top * self.height), round(bottom * self.height))
        return rows, slice(round(left * self.width), round(right * self.width))

    def _grid(
        self, left: Fraction, top: Fraction, right: Fraction, bottom: Fraction, columns: int, rows: int
    ) -> list[Rect]:
        wide, high = self._even((right - left) * self.width / columns), self._even((bottom - top) * self.height / rows)
        first, above = self._even(left * self.width), self._even(top * self.height)
        return [
            self._part(first + column * wide, above + row * high, wide, high)
            for row in range(rows)
            for column in range(columns)
        ]

    def _part(self, left: int, top: int, width: int, height: int) -> Rect:
        across, down = Fraction(1, self.width), Fraction(1, self.height)
        return left * across, top * down, (left + width) * across, (top + height) * down

    @staticmethod
    def _even(length: Fraction) -> int:
        return max(2, int(length / 2) * 2)


def bits(number: int) -> Iterator[bool]:
    """Return the blocks of a number, light ones True."""
    whole = number << CHECK_BITS | _check(number)
    for place in reversed(range(DATA_BITS + CHECK_BITS)):
        yield bool(whole >> place & 1)


def stamp(plane: Samples, layout: Layout, number: int, dark: int, light: int) -> None:
    """Draw a number into the upright luma of a picture."""
    for place, is_light in zip(layout.blocks(), bits(number), strict=True):
        plane[layout.pixels(place)] = light if is_light else dark


def band(layout: Layout) -> tuple[slice, slice]:
    """Return the rows and columns that only the moving bar uses; the rows begin with an even one."""
    first = layout.height * 23 // 50 // 2 * 2
    return slice(first, first + layout.height // 16 // 2 * 2), slice(layout.width // 20, layout.width * 19 // 20)


def bar(layout: Layout, moment: int) -> slice:
    """Return the columns that the bar covers at a moment."""
    begin = moment * (layout.width // BAR_STEP)
    return slice(begin, begin + layout.width // BAR_STEP * 2)


def read(means: NDArray[np.float64]) -> int | None:
    """Return the number that the blocks' mean lumas say; None if they are a mixture, or not a counter."""
    darkest, lightest = means.min(), means.max()
    part = (means - darkest) / max(lightest - darkest, 1e-9)
    if lightest - darkest < 20 or np.any(np.minimum(part, 1 - part) > SURE):
        return None
    whole = int("".join("1" if each > 0.5 else "0" for each in part), 2)
    number, check = whole >> CHECK_BITS, whole & (2**CHECK_BITS - 1)
    return number if check == _check(number) else None


def _check(number: int) -> int:
    return 15 - (number + (number >> 4) + (number >> 8)) % 16
