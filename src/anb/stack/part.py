"""One part of the stack, as its supervisor needs to know it."""

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


def _nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Part:
    """A child process: how it is started, when it is ready, how it is asked to end."""

    name: str  # of its log file
    title: str  # as people read it
    command: Sequence[str]
    folder: Path  # it works in
    ready: Callable[[], bool]
    prepare: Callable[[], str | None] = _nothing  # before each start; returns what somebody has to know of it
    stop: signal.Signals = signal.SIGTERM
    patience: float = 1  # seconds to end by itself; all parts together have less than ten


def outcome(code: int) -> str:
    """Say how a process ended, from its return code."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name.removeprefix('SIG')}"
    except ValueError:
        return f"signal {-code}"


def delay(failures: int) -> float:
    """Return how many seconds to wait before the next try, after so many failures in a row."""
    return float(min(0.5 * 2 ** (failures - 1), 30))
