"""The mark in the form of a vote: it says that this person opened the clip's page. A program has none."""

from datetime import timedelta
from uuid import UUID

from anb.ports import Ports
from anb.signals.domain import Trace

FIELD = "opened"
GOOD_FOR = timedelta(hours=12)  # a page may stay open for as long


def mark(ports: Ports, voter: UUID | None, video_id: UUID) -> str:
    """Return the mark of a page that is opened now; empty for a visitor, who cannot vote."""
    if voter is None:
        return ""
    at = int(ports.clock.now().timestamp())
    return f"{at}.{ports.tokens.sign(_message(voter, video_id, at))}"


def seen(ports: Ports, voter: UUID, video_id: UUID, given: str, trace: Trace) -> Trace:
    """Return the trace of a vote: without the page's mark it is a program's, which has no device."""
    at, _, signature = given.partition(".")
    known = at.isascii() and at.isdigit() and len(at) < 12  # noqa: PLR2004 - seconds have ten digits
    fresh = known and int(at) >= ports.clock.now().timestamp() - GOOD_FOR.total_seconds()
    if fresh and ports.tokens.verify(_message(voter, video_id, int(at)), signature):
        return trace
    return Trace(block=trace.block)


def _message(voter: UUID, video_id: UUID, at: int) -> str:
    return f"ballot:{video_id}:{voter}:{at}"
