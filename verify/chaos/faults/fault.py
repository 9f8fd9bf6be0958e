"""A fault: something breaks when its block begins, and is repaired (or recovers) when it ends."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from verify.chaos.fault_context import FaultContext

LEASE_SECONDS = 10  # the default of ANB_LEASE_SECONDS, which a run uses


def nothing(_context: FaultContext) -> str | None:
    """Require nothing."""
    return None


@dataclass(frozen=True)
class Fault:
    """A way to break something."""

    name: str
    strike: Callable[[FaultContext], AbstractContextManager[None]]
    stands: float = 0  # seconds until it is repaired
    lacks: Callable[[FaultContext], str | None] = nothing  # why this machine does not support it
    alone: bool = False  # never deliberately combined with another one
