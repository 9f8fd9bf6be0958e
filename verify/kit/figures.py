"""The bench's arithmetic: figures, their limits, and their goals."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from statistics import median
from typing import Any, Literal


@dataclass(frozen=True)
class Goal:
    """The goal of a figure, or of its ratio to the limit."""

    sense: Literal["at least", "at most"]
    number: float
    of: Literal["ratio", "value"]

    def is_met(self, number: float) -> bool:
        """Return whether a number reaches the goal; equality is enough."""
        return number >= self.number if self.sense == "at least" else number <= self.number

    def __str__(self) -> str:
        return f"{'≥' if self.sense == 'at least' else '≤'} {self.number:g}{' (ratio)' if self.of == 'ratio' else ''}"


@dataclass(frozen=True)
class Limit:
    """The comparison of a figure: the same work with as little overhead as possible, in the same unit."""

    name: str
    samples: tuple[float, ...]

    @property
    def value(self) -> float:
        """Return the median of the samples."""
        return median(self.samples)


@dataclass(frozen=True)
class Figure:
    """One measurement: the median of its samples unless `at` gives another value (a percentile, a peak)."""

    suite: str
    name: str
    unit: str
    samples: tuple[float, ...]
    limit: Limit | None = None
    goal: Goal | None = None
    at: float | None = None  # the value, if it is not the median
    note: str = ""

    @property
    def value(self) -> float:
        """Return the measured value."""
        return median(self.samples) if self.at is None else self.at

    @property
    def ratio(self) -> float | None:
        """Return the ratio of the value to the limit's, or None without a limit."""
        return None if self.limit is None or self.limit.value == 0 else self.value / self.limit.value

    @property
    def met(self) -> bool | None:
        """Return whether the goal is reached, or None without a goal."""
        if self.goal is None:
            return None
        number = self.ratio if self.goal.of == "ratio" else self.value
        return number is not None and self.goal.is_met(number)

    def as_json(self) -> dict[str, Any]:
        """Return the figure as it is stored in the result file."""
        limit = self.limit and {"name": self.limit.name, "value": self.limit.value, "samples": self.limit.samples}
        return {
            "suite": self.suite,
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "limit": limit,
            "ratio": self.ratio,
            "goal": self.goal and asdict(self.goal),
            "met": self.met,
            "samples": self.samples,
            "note": self.note,
        }


def percentile(samples: Sequence[float], per_cent: float) -> float:
    """Return the smallest sample that `per_cent` of all samples do not exceed (nearest rank)."""
    if not samples or not 0 < per_cent <= 100:
        raise ValueError((len(samples), per_cent))
    return sorted(samples)[ceil(len(samples) * per_cent / 100) - 1]


def turns(repeats: int) -> Iterator[tuple[int, bool]]:
    """Yield (0, ours), (0, limit's), (1, ours) … in turns, so that a slower machine slows both."""
    for number in range(repeats):
        yield number, True
        yield number, False
