"""Curves of quality over rate as SVG, one for each way of encoding."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 960, 560, 60, 20, 270, 50
COLOURS = ("#d1495b", "#edae49", "#66a182", "#2e4057", "#8d6a9f", "#00798c", "#b56576", "#f26419", "#6c757d", "#3d405b")
HEAVY = "ours"

Spot = tuple[str, float, float]  # name of the curve, Mbit/s, VMAF


def drawn(spots: Sequence[Spot]) -> str:
    """Draw the curves, each with its name on the right."""
    scale = _Scale([rate for _, rate, _ in spots], [score for *_, score in spots])
    page, font = f'viewBox="0 0 {WIDTH} {HEIGHT}"', 'font-family="sans-serif" font-size="13"'
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {page} {font}>'
    return "\n".join([head, ground, *scale.grid(), *_lines(spots, scale), "</svg>", ""])


def _lines(spots: Sequence[Spot], scale: "_Scale") -> Iterator[str]:
    for number, (name, group) in enumerate(groupby(spots, key=lambda spot: spot[0])):
        colour, width = COLOURS[number % len(COLOURS)], 4 if name == HEAVY else 1.5
        places = [scale.place(rate, score) for _, rate, score in group]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{width + 1}" fill="{colour}"/>' for x, y in places)
        at = WIDTH - RIGHT + 20, TOP + 20 + 24 * number
        yield f'<rect x="{at[0]}" y="{at[1] - 10}" width="14" height="{2 + width}" fill="{colour}"/>'
        yield f'<text x="{at[0] + 22}" y="{at[1]}">{escape(name)}</text>'


class _Scale:
    """The coordinates of rates and scores in the picture."""

    def __init__(self, rates: Sequence[float], scores: Sequence[float]) -> None:
        self._rate = max(rates) * 1.05
        self._low = int(min(scores)) // 2 * 2
        self._high = -int(-max(scores)) // 2 * 2 + 2

    def place(self, rate: float, score: float) -> tuple[float, float]:
        """Return x and y."""
        high = HEIGHT - TOP - BOTTOM
        across = LEFT + (WIDTH - LEFT - RIGHT) * rate / self._rate
        return across, TOP + high * (self._high - score) / (self._high - self._low)

    def grid(self) -> Iterator[str]:
        """Draw grid lines at round numbers, with labels."""
        for score in range(self._low, self._high + 1, 2):
            x, y = self.place(0, score)
            yield f'<path d="M{x},{y:.1f} H{WIDTH - RIGHT}" stroke="#ddd"/><text x="28" y="{y + 4:.1f}">{score}</text>'
        for rate in range(int(self._rate) + 1):
            x, y = self.place(rate, self._low)
            yield f'<path d="M{x:.1f},{TOP} V{y}" stroke="#eee"/><text x="{x - 4:.1f}" y="{y + 20}">{rate}</text>'
        yield f'<text x="{(WIDTH - RIGHT) // 2}" y="{HEIGHT - 8}">Mbit/s</text>'
        yield f'<text x="{LEFT + 6}" y="{TOP + 14}">VMAF</text>'
