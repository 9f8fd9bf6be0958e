"""An identity at an issuer, a sign-in under way, and their refusals."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from anb.errors import Refusal
from anb.ports.issuers import SignInSecrets, Vouched

SECRET_BYTES = 32
ATTEMPT_SECONDS = 10 * 60  # to sign in at the issuer
VOUCHED_SECONDS = 30 * 60  # to fill in the form of a new account, or to find one's password


@dataclass(frozen=True)
class Identity:
    """An issuer that vouches for an account."""

    id: UUID
    account_id: UUID
    key: str
    issuer: str
    email: str | None
    linked_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Attempt:
    """A sign-in that a browser began, when it comes back."""

    key: str
    secrets: SignInSecrets
    onward: str
    account_id: UUID | None  # who asked to be linked


@dataclass(frozen=True)
class KnownPerson:
    """A person that an issuer vouched for in a browser, without an account so far."""

    key: str
    vouched: Vouched
    onward: str

    @property
    def may_join(self) -> bool:
        """Whether the issuer knows the person's address: an account of that address can be created."""
        return self.vouched.email is not None and self.vouched.email_verified


class IssuerUnknown(Refusal):
    """The settings name no such issuer."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "issuer-unknown"


class IssuerUnavailable(Refusal):
    """The issuer cannot be reached, is slow, or fails."""

    status: ClassVar[int] = 503
    code: ClassVar[str] = "issuer-unavailable"


class IssuerMistrusted(Refusal):
    """The issuer's answer cannot be verified, or is not for this sign-in."""

    status: ClassVar[int] = 502
    code: ClassVar[str] = "issuer-mistrusted"


class IssuerRefused(Refusal):
    """The issuer did not let the person in, or the person cancelled."""

    code: ClassVar[str] = "issuer-refused"


class AttemptInvalid(Refusal):
    """This browser began no such sign-in, or began it too long ago, or has finished it."""

    code: ClassVar[str] = "attempt-invalid"


class IdentityTaken(Refusal):
    """The identity belongs to another account."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "identity-taken"


class IdentityNotFound(Refusal):
    """The account has no such identity."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "identity-not-found"


class LastWayIn(Refusal):
    """The account has neither a password nor another identity, so its owner would be locked out."""

    code: ClassVar[str] = "last-way-in"


def new_secret() -> str:
    """Return 256 random bits, as addresses and cookies carry them."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_of(secret: str) -> str:
    """Return what is stored of a secret: 256 random bits cannot be guessed, so a fast hash is enough."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def new_secrets() -> SignInSecrets:
    """Return the secrets of a new sign-in."""
    return SignInSecrets(new_secret(), new_secret(), new_secret())
