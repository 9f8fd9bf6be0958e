"""The HTTP schemas of sessions."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from anb.sessions.domain import Session, SessionKind


class SessionSeen(BaseModel):
    """Where the account is signed in."""

    id: UUID
    kind: SessionKind = Field(description="`browser`: our pages; `program`: a client of the API.")
    device: str = Field(description="Browser and system, such as `Chrome/Android`, or the name of a program; or empty.")
    opened_at: datetime
    seen_at: datetime = Field(description="When it was last used, to the day.")
    expires_at: datetime = Field(description="When it expires unless it is used before.")
    current: bool = Field(description="Whether it is the session of this request.")


class SessionsEnded(BaseModel):
    """Other sessions of the account ended."""

    ended: int


def session_seen(session: Session, current: UUID | None) -> SessionSeen:
    """Show a session to its owner."""
    return SessionSeen(
        id=session.id,
        kind=session.kind,
        device=session.device,
        opened_at=session.opened_at,
        seen_at=session.seen_at,
        expires_at=session.expires_at,
        current=session.id == current,
    )
