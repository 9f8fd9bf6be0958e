"""What a fault is: something that is broken when its block begins, and lifted (or left to mend itself) when it ends."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from chaos.ground import Ground

LEASE_SECONDS = 10  # the default of ANB_LEASE_SECONDS, which a run keeps


def nothing(_ground: Ground) -> str | None:
    """Lack nothing."""
    return None


@dataclass(frozen=True)
class Fault:
    """A way to break something."""

    name: str
    strike: Callable[[Ground], AbstractContextManager[None]]
    stands: float = 0  # seconds before it is lifted
    lacks: Callable[[Ground], str | None] = nothing  # why this machine cannot have it
    alone: bool = False  # never on purpose together with another
