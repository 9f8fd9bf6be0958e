"""The HTTP schemas of a change of address."""

from datetime import datetime

from pydantic import BaseModel, Field

from anb.accounts.domain import Account
from anb.accounts.email_changes import EmailChange


class EmailChangeShown(BaseModel):
    """A change of address that is under way."""

    email: str
    asked_at: datetime
    accepted_at: datetime | None = Field(description="When the new address accepted.")
    approved_at: datetime | None = Field(description="When the former address approved.")
    due_at: datetime | None = Field(description="When it takes effect without the former address's answer.")


class EmailShown(BaseModel):
    """The caller's address."""

    email: str
    is_confirmed: bool
    change: EmailChangeShown | None


class EmailStopped(BaseModel):
    """The change was stopped, or taken back; a stranger may know the password, so another one is chosen now."""

    token: str = Field(description="For /api/auth/reset.")


def email_shown(account: Account, change: EmailChange | None) -> EmailShown:
    """Show an address to its owner."""
    return EmailShown(email=account.email, is_confirmed=account.is_confirmed, change=change and _change(change))


def _change(change: EmailChange) -> EmailChangeShown:
    return EmailChangeShown(
        email=change.email,
        asked_at=change.asked_at,
        accepted_at=change.accepted_at,
        approved_at=change.approved_at,
        due_at=change.due_at,
    )
