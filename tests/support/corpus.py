"""The corpus: clips as phones and browsers make them, each with what its edit must show or why it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from anb.errors import Refusal
from anb.settings import Limits
from support.corpus_source import Source

# Short, so that each is quick: what is tested does not depend on length. Lengths are tested at the contest's limits.
QUICK = {"clip_min_seconds": 1.0, "edit_clip_seconds": 1.5, "edit_bumper_seconds": 0.5}
WHOLE: Mapping[str, float] = QUICK | {"edit_clip_seconds": 30.0}  # all of a clip that is shorter
CONTEST: Mapping[str, float] = {}


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A clip that the rules let pass, and what its edit must show."""

    name: str
    source: Source = field(default_factory=Source)
    rate: int = 30  # frames per second of the edit
    parts: tuple[range, ...] = ()  # of the frames people see, in order; without them, all
    limits: Mapping[str, float] = field(default_factory=lambda: QUICK)  # settings that differ from the defaults
    steady: bool = False  # whether its pictures are to advance evenly though their times are not quite even
    daily: bool = False  # whether the daily suite makes its edit, or only the slow gate

    def shown(self) -> list[tuple[Fraction, int]]:
        """Return when people see which number of the counter; the first at 0."""
        times, end = self.source.times(), self.source.end()
        seen, now = [], Fraction(0)
        for part in self.parts or (range(len(times)),):
            ends = [*times[part.start + 1 :], end]
            for number in part:
                seen.append((now, number))
                now += ends[number - part.start] - times[number]
        return seen

    @property
    def seconds(self) -> Fraction:
        """How long people see it."""
        times = self.source.times()
        ends = [*times[1:], self.source.end()]
        return sum((ends[part[-1]] - times[part[0]] for part in self.parts or (range(len(times)),)), Fraction(0))

    @property
    def frames(self) -> int:
        """How many frames of the edit are the player's."""
        return min(int(self._limit("edit_clip_seconds") * self.rate), round(self.seconds * self.rate))

    @property
    def bumper(self) -> int:
        """How many frames each bumper has."""
        return int(self._limit("edit_bumper_seconds") * self.rate + 1e-6)

    def _limit(self, name: str) -> float:
        return float(self.limits.get(name, getattr(Limits(), name)))


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A clip that the rules turn down, and the sentences that the player reads."""

    name: str
    source: Source
    because: type[Refusal]
    es: str
    en: str
    limits: Mapping[str, float] = field(default_factory=lambda: QUICK)
    daily: bool = True  # a refusal costs a probe
