"""Faults of a network, one per transfer."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["nothing", "stall", "reset", "finish", "blackhole", "lost-reply", "half-close", "one-byte"]
Place = Literal["start", "middle", "last"]  # of the body; last: before its last byte


@dataclass(frozen=True)
class NetworkFault:
    """One fault, and where in the body it happens."""

    kind: Kind
    place: Place = "start"
    seconds: float = 0

    @property
    def has_place(self) -> bool:
        """Return whether it happens at one place of the body."""
        return self.kind not in {"nothing", "one-byte"}

    def __str__(self) -> str:
        if not self.has_place:
            return self.kind
        return f"{self.kind}{f'-{self.seconds:g}s' if self.kind == 'stall' else ''}@{self.place}"
