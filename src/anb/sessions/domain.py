"""A session, its secrets, and why it may end."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from anb.errors import Refusal

MOST_PROGRAMS = 20  # sessions of an account's programs; of more, the least recently used end
# Characters of a refresh token that stay the same while its session lives (base64url of 16 bytes).
FAMILY_LENGTH = 22


class SessionKind(StrEnum):
    """What is signed in: a browser, with a cookie, or a program, with access and refresh tokens."""

    BROWSER = "browser"
    PROGRAM = "program"


class EndReason(StrEnum):
    """Why a session ended before it expired."""

    SIGNED_OUT = "signed-out"
    SIGNED_IN_AGAIN = "signed-in-again"  # the same browser opened another session
    SIGNED_OUT_ELSEWHERE = "signed-out-elsewhere"  # by its owner, in the list of devices
    REFRESH_REUSED = "refresh-reused"  # an old refresh token was used: one of its two owners is a thief
    SURPLUS = "surplus"  # many newer sessions of programs
    ENDED_BY_OPERATOR = "ended-by-operator"
    ROLE_CHANGED = "role-changed"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a reason, not a password
    EMAIL_CHANGED = "email-changed"
    UNLOCKED = "unlocked"  # an operator removed the second factors of a person who lost them
    ACCOUNT_REMOVED = "account-removed"


@dataclass(frozen=True)
class Session:
    """Where an account is signed in."""

    id: UUID
    account_id: UUID
    kind: SessionKind
    device: str  # as `anb.web.device` names it
    strong: bool  # a second factor or a passkey was used
    opened_at: datetime
    authenticated_at: datetime  # when the password, or a passkey, was last given
    seen_at: datetime  # to the day
    expires_at: datetime
    confirmed: bool = True  # whether the account's e-mail is; only a browser's cookie asks

    @property
    def session_id(self) -> UUID:
        """The session's id, under the name that it has for a caller."""
        return self.id


@dataclass(frozen=True)
class SessionClient:
    """The client that opens a session: its kind, its device, and keyed hashes of its network and its cookie."""

    kind: SessionKind
    device: str = ""
    block: str | None = None
    is_known: bool = True  # the account was signed in there before
    device_key: str | None = None


@dataclass(frozen=True)
class OpenedSession:
    """A new session, and its secret: the value of a cookie, or a refresh token. Only its client keeps it."""

    id: UUID
    secret: str


@dataclass(frozen=True)
class TokenFloor:
    """From when on an account's tokens without a session are accepted; None: whenever they were issued."""

    account_id: UUID
    valid_from: datetime | None
    session_id: UUID | None = None

    def admits(self, issued_at: datetime) -> bool:
        """Say whether a token that was issued then is accepted; it knows the second only, which counts against it."""
        return self.valid_from is None or issued_at > self.valid_from


@dataclass(frozen=True)
class Rotation:
    """A session of a program, as the exchange of its refresh token sees it."""

    session: Session
    secret_hash: bytes
    rotated_lately: bool  # within the grace


@dataclass(frozen=True)
class Refreshed:
    """A session whose refresh token was exchanged, and the new one."""

    session: Session
    secret: str


class RefreshRefused(Refusal):
    """The refresh token is not the newest of an open session."""

    status = 401
    code = "refresh-refused"


class SessionNotFound(Refusal):
    """The caller has no open session of this id."""

    status = 404
    code = "session-not-found"


def new_secret(kind: SessionKind) -> str:
    """Return a random secret of 256 bits; a program's begins with the mark of its session."""
    family = secrets.token_urlsafe(16) if kind is SessionKind.PROGRAM else ""
    return family + secrets.token_urlsafe(32)


def family_of(refresh_token: str) -> str:
    """Return the part that all refresh tokens of a session have in common."""
    return refresh_token[:FAMILY_LENGTH]


def successor(refresh_token: str, sign: Callable[[str], str]) -> str:
    """Return the refresh token that follows: a signature of the old one, so that a lost answer can be given again."""
    signature = bytes.fromhex(sign(f"refresh:{refresh_token}"))
    return family_of(refresh_token) + base64.urlsafe_b64encode(signature).decode().rstrip("=")


def hash_of(secret: str) -> bytes:
    """Return what is stored of a secret. It has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(secret.encode()).digest()
