"""A service of the stack, as its supervisor sees it."""

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

OWNER_URL, SECRET_KEY, SMTP_PASSWORD = "ANB_DATABASE_OWNER_URL", "ANB_SECRET_KEY", "ANB_SMTP_PASSWORD"
VOTE_LOG_KEY = "ANB_VOTE_LOG_KEY"
# Only services that need these settings receive them, so that taking over another service reveals less.
WITHHELD = frozenset({OWNER_URL, SECRET_KEY, SMTP_PASSWORD, VOTE_LOG_KEY})


def _nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class ServiceSpec:
    """A child process: how to start it, when it is ready, how to end it."""

    name: str  # of its log file
    title: str  # shown to people
    command: Sequence[str]
    folder: Path  # its working folder
    ready: Callable[[], bool]
    needs: frozenset[str] = frozenset()  # which of the withheld settings it needs
    given: Mapping[str, str] = field(default_factory=dict)  # settings that only this service gets
    prepare: Callable[[], str | None] = _nothing  # before each start; returns a message for the operator, or None
    stop: signal.Signals = signal.SIGTERM
    patience: float = 1  # seconds to end on its own; all services together take less than ten


def outcome(code: int) -> str:
    """Say how a process ended, from its return code."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name.removeprefix('SIG')}"
    except ValueError:
        return f"signal {-code}"


def delay(failures: int) -> float:
    """Return the seconds to wait before the next try, after this number of failures in a row."""
    return float(min(0.5 * 2 ** (failures - 1), 30))
