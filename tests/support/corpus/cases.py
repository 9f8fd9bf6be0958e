"""The corpus: clips as phones and browsers make them, each with what its edit must show or why it is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from anb.errors import Refusal
from anb.settings import Limits
from support.corpus.source import ClipSource

# Short clips are quick, and most tests do not depend on length. Lengths are tested at the contest's limits.
QUICK = {"clip_min_seconds": 1.0, "edit_clip_seconds": 1.5, "edit_bumper_seconds": 0.5}
WHOLE: Mapping[str, float] = QUICK | {"edit_clip_seconds": 30.0}  # the whole of a shorter clip
CONTEST: Mapping[str, float] = {}


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A clip that the rules accept, and what its edit must show."""

    name: str
    source: ClipSource = field(default_factory=ClipSource)
    rate: int = 30  # frames per second of the edit
    parts: tuple[range, ...] = ()  # frames that people see, in order; empty: all
    limits: Mapping[str, float] = field(default_factory=lambda: QUICK)  # settings that differ from the defaults
    steady: bool = False  # whether the edit must advance evenly although the times are not quite even
    daily: bool = False  # whether the daily suite edits it, or only the slow gate

    def shown(self) -> list[tuple[Fraction, int]]:
        """Return the time at which people see each number of the counter, from 0."""
        times, end = self.source.times(), self.source.end()
        seen, now = [], Fraction(0)
        for part in self.parts or (range(len(times)),):
            ends = [*times[part.start + 1 :], end]
            for number in part:
                seen.append((now, number))
                now += ends[number - part.start] - times[number]
        return seen

    def started(self, seconds: Fraction) -> "Accepted":
        """Return the same clip with an edit that starts at a number of seconds."""
        first = next(number for time, number in reversed(self.shown()) if time <= seconds)
        parts = self.parts or (range(len(self.source.times())),)
        (now,) = (place for place, part in enumerate(parts) if first in part)
        return replace(self, parts=(range(first, parts[now].stop), *parts[now + 1 :]))

    @property
    def seconds(self) -> Fraction:
        """Seconds that people see."""
        times = self.source.times()
        ends = [*times[1:], self.source.end()]
        return sum((ends[part[-1]] - times[part[0]] for part in self.parts or (range(len(times)),)), Fraction(0))

    @property
    def frames(self) -> int:
        """Number of the edit's frames that are the player's."""
        return min(int(self._limit("edit_clip_seconds") * self.rate), round(self.seconds * self.rate))

    @property
    def bumper(self) -> int:
        """Number of frames of each bumper."""
        return int(self._limit("edit_bumper_seconds") * self.rate + 1e-6)

    def _limit(self, name: str) -> float:
        return float(self.limits.get(name, getattr(Limits(), name)))


@dataclass(frozen=True, kw_only=True)
class RefusedClip:
    """A clip that the rules refuse, and the sentences that the player reads."""

    name: str
    source: ClipSource
    because: type[Refusal]
    es: str
    en: str
    limits: Mapping[str, float] = field(default_factory=lambda: QUICK)
    daily: bool = True  # a refusal costs a probe
    harm: Callable[[bytes], bytes] | None = None  # change to the file once it is drawn
    start: float = 0  # the start that the player chose, in seconds
