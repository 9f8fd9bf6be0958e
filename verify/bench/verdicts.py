"""Judges an answer under load: served, refused with Retry-After, or a fault."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from verify.kit.figures import percentile

PATIENCE = 30.0  # seconds that a client waits; a client that is not served counts as having waited this long
REFUSED = frozenset({429, 503})


@dataclass(frozen=True)
class RequestOutcome:
    """The outcome of one request."""

    status: int  # 0: no answer
    seconds: float
    has_retry_after: bool = False
    cause: str = ""  # the reason of a missing answer

    @property
    def is_refusal(self) -> bool:
        """Return whether the server refused properly: too busy now, and when to try again."""
        return self.status in REFUSED and self.has_retry_after

    def fault(self, expected: Collection[int]) -> str | None:
        """Return the fault, or None for an expected answer or a proper refusal."""
        if self.status in expected or self.is_refusal:
            return None
        if not self.status:
            return self.cause or "no answer"
        return f"{self.status} without Retry-After" if self.status in REFUSED else str(self.status)


@dataclass
class CrowdTally:
    """The answers of a crowd, counted."""

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    processor_share: float = 0  # of one core, used by the clients

    def add(self, answer: RequestOutcome, expected: Collection[int]) -> None:
        """Count an answer."""
        if (fault := answer.fault(expected)) is not None:
            self.faults[fault] += 1
        else:
            self.outcomes[f"{answer.status}"] += 1

    def __str__(self) -> str:
        counted = [f"{name}: {number}" for name, number in sorted((self.outcomes + self.faults).items())]
        return ", ".join(counted)


def wait(answers: Sequence[RequestOutcome], expected: Collection[int], per_cent: float = 95) -> float:
    """Return a percentile of the seconds until clients were served: a quick refusal is not a quick page."""
    waits = [answer.seconds if answer.status in expected else PATIENCE for answer in answers]
    return percentile(waits, per_cent)
