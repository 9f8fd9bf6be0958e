"""The rules of a season's jury: what each clip is scored for, how much it weighs, and on which scale."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Criterion:
    """What a juror scores a clip for, in the words of both languages."""

    name: str
    weight: int
    es: str
    en: str


@dataclass(frozen=True)
class JuryRules:
    """The criteria of a jury, the lowest and highest mark, and whether jurors do not learn whose a clip is."""

    criteria: tuple[Criterion, ...]
    lowest: int = 1
    highest: int = 10
    blind: bool = True

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "JuryRules":
        """Read rules from a row."""
        return cls(**{**kept, "criteria": tuple(Criterion(**each) for each in kept["criteria"])})

    def kept(self) -> dict[str, Any]:
        """Return the rules for a row."""
        return asdict(self)

    @property
    def weights(self) -> int:
        """The sum of all weights."""
        return sum(each.weight for each in self.criteria)


class JuryCalendar:
    """When the jury of a season gives scores."""

    jury: JuryRules | None
    opened_at: datetime | None
    closed_at: datetime | None
    jury_closes_at: datetime | None
    now: datetime

    @property
    def jury_ends_at(self) -> datetime | None:
        """The first moment at which the jury gives no score any more; None while nothing ends the season."""
        return self.jury_closes_at or self.closed_at

    @property
    def takes_scores(self) -> bool:
        """Whether the jury could score clips when this was read."""
        begun, ends = self.opened_at is not None and self.opened_at <= self.now, self.jury_ends_at
        return self.jury is not None and begun and (ends is None or self.now < ends)
