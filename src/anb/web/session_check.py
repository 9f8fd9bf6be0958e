"""The caller of a request, and the check of the cookie or token that names it; `anb.sessions` implements it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from anb.ports import AccessClaims


@dataclass(frozen=True)
class Caller:
    """The account that sent a request, and how it signed in."""

    account_id: UUID
    session_id: UUID | None = None  # None: a token from before there were sessions
    strong: bool = False  # a second factor, or a passkey, was used in this session
    authenticated_at: datetime | None = None  # when the password, or a passkey, was last given
    renewal_due: bool = False  # the session was last renewed so long ago that this use renews it
    confirmed: bool = True  # the account's e-mail; only a browser's cookie tells


class SessionCheck(Protocol):
    """Checks that sessions are still open, by one indexed read."""

    def recent(self, proof: str | AccessClaims) -> Caller | None:
        """Return whose cookie or claims these were found to be within the last second; reads nothing."""

    def find_cookie(self, secret: str) -> Caller | None:
        """Return who is signed in by this cookie, or None."""

    def check(self, claims: AccessClaims) -> Caller | None:
        """Return who is signed in by this token, or None when its session is over."""
