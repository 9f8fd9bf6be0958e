"""The picture that an edit starts with, if it is not the first of its clip, and how FFmpeg reaches it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

MICRO = 1_000_000


@dataclass(frozen=True)
class Start:
    """The picture that is shown some seconds after the first."""

    wanted: float  # seconds after the first picture, as the player chose
    at: Fraction  # when that picture began, after the first
    time: Fraction  # the same by the clock of the file
    seek: Fraction | None = None  # by that clock: where FFmpeg begins to read; None where it must read everything
    before: Fraction = Fraction(0)  # seconds of pictures that are decoded before it

    @classmethod
    def read(cls, facts: Mapping[str, Any], wanted: float) -> "Start":
        """Read the prober's facts."""
        seek = facts["seek"] and Fraction(*facts["seek"])
        at, time, before = (Fraction(*facts[name]) for name in ("at", "time", "before"))
        return cls(wanted, at, time, seek, before)

    def reading(self) -> list[str]:
        """Return FFmpeg's options to begin at the keyframe before; times remain those of the file's clock."""
        if self.seek is None:
            return ["-copyts"]
        return ["-copyts", "-seek_timestamp", "1", "-noaccurate_seek", "-ss", _decimal(math.floor(self.seek * MICRO))]

    def skipping(self) -> str:
        """Return the filter that drops the pictures before the start.

        If FFmpeg sought and its first picture comes too late, no picture passes: an edit may not begin with another
        one.
        """
        least = _decimal(math.floor(self.time * MICRO) - 1)
        if self.seek is None:
            return f"select='gte(t,{least})'"
        most = _decimal(math.ceil(self.time * MICRO) + 1)
        return f"select='gte(t,{least})*lte(st(0,if(n,ld(0),t)),{most})'"


def _decimal(micros: int) -> str:
    return f"{'-' if micros < 0 else ''}{abs(micros) // MICRO}.{abs(micros) % MICRO:06}"
