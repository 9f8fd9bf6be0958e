"""The mark in the form of a vote: it says that this person opened the clip's page. A program has none.

And the vote that a visitor pressed before signing in: a browser keeps it in a signed cookie until they have.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

from fastapi import Request, Response

from anb.pages import begun
from anb.ports import Ports
from anb.signals.domain import Trace

FIELD = "opened"
SOLUTION = "altcha"  # the field that ALTCHA's widget fills in too
GOOD_FOR = timedelta(hours=12)  # a page may stay open for as long
BEGUN_SECONDS = 30 * 60  # time to sign in, or to sign up


def mark(ports: Ports, voter: UUID | None, video_id: UUID) -> str:
    """Return the mark of a page that is opened now; empty for a visitor, who cannot vote."""
    if voter is None:
        return ""
    at = int(ports.clock.now().timestamp())
    return f"{at}.{ports.tokens.sign(_message(voter, video_id, at))}"


def seen(ports: Ports, voter: UUID, video_id: UUID, given: str, trace: Trace) -> Trace:
    """Return the trace of a vote: without the page's mark it is a program's, which has no device."""
    if _holds(ports, given, GOOD_FOR.total_seconds(), partial(_message, voter, video_id)):
        return trace
    return Trace(block=trace.block)


def begin(request: Request, ports: Ports, response: Response, video_id: UUID) -> None:
    """Let a visitor's browser keep the vote that they pressed, for one clip and a short time."""
    at = int(ports.clock.now().timestamp())
    token = f"{at}.{ports.tokens.sign(_begun_message(video_id, at))}"
    begun.keep(request, response, "vote", token, BEGUN_SECONDS)


def was_begun(request: Request, ports: Ports, video_id: UUID) -> bool:
    """Say whether this browser keeps a vote for a clip that was pressed before its person signed in."""
    return _holds(ports, begun.held(request, "vote"), BEGUN_SECONDS, partial(_begun_message, video_id))


def _holds(ports: Ports, given: str, seconds: float, message: Callable[[int], str]) -> bool:
    """Say whether a text is a moment, not long ago, that we have signed with this message."""
    at, _, signature = given.partition(".")
    known = at.isascii() and at.isdigit() and len(at) < 12  # noqa: PLR2004 - seconds have ten digits
    fresh = known and int(at) >= ports.clock.now().timestamp() - seconds
    return fresh and ports.tokens.verify(message(int(at)), signature)


def _message(voter: UUID, video_id: UUID, at: int) -> str:
    return f"ballot:{video_id}:{voter}:{at}"


def _begun_message(video_id: UUID, at: int) -> str:
    return f"begun-vote:{video_id}:{at}"
