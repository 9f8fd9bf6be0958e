"""Pictures of numbers over time, drawn as SVG by the server; each page shows the numbers as a table too."""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 480, 120


class Bar(NamedTuple):
    """A bar, in the units of the picture."""

    x: float
    y: float
    width: float
    height: float


def bars(values: Sequence[int], highest: int) -> list[Bar]:
    """Return a bar for each value, side by side; none for a zero."""
    step = WIDTH / max(len(values), 1)
    scale = HEIGHT / max(highest, 1)
    return [
        Bar(round(number * step + step * 0.1, 1), round(HEIGHT - value * scale, 1), round(step * 0.8, 1),
            round(value * scale, 1))
        for number, value in enumerate(values)
        if value
    ]  # fmt: skip


def line(values: Sequence[int], highest: int) -> str:
    """Return the points of a line through the middle of each bar's place."""
    step, scale = WIDTH / max(len(values), 1), HEIGHT / max(highest, 1)
    return " ".join(
        f"{round((number + 0.5) * step, 1)},{round(HEIGHT - value * scale, 1)}" for number, value in enumerate(values)
    )
