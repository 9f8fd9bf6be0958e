"""Second factors, the codes that people type, and the refusals."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from anb.errors import Refusal
from anb.text import clean, is_blank, is_readable

STEP_SECONDS = 30
# Steps before and after the present one whose code is good too: phones' clocks differ, and people need time to type.
SKEW = 1
RECOVERY_CODES = 10
# 120 bits: enough for a plain hash (OWASP ASVS 5.0, 6.5.2 asks for 112), and 24 letters without padding.
RECOVERY_BYTES = 15
MOST_PASSKEYS = 20
MOST_NAME = 60
# Bytes of a credential's id (WebAuthn, 4): longer ones are not an authenticator's, and would not fit an index.
MOST_CREDENTIAL = 1023
# Wrong codes after which the password has to be typed again.
MOST_TRIES = 5

_CODE = re.compile(r"\d{6}")
_RECOVERY = re.compile(r"[a-z2-7]{24}")
_APART = re.compile(r"[\s-]")


class CeremonyKind(StrEnum):
    """What a browser has begun: to register a passkey, to sign in with one, or to sign in with a password."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    SECOND_STEP = "second_step"


class Used(StrEnum):
    """The kind of factor that was used."""

    PASSKEY = "passkey"
    TOTP = "totp"
    RECOVERY = "recovery"


@dataclass(frozen=True)
class Passkey:
    """A passkey of an account: what its authenticator signs with can be checked with the public key."""

    id: UUID
    account_id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Factors:
    """The second factors of an account."""

    passkeys: tuple[Passkey, ...] = ()
    totp_since: datetime | None = None
    recovery_left: int = 0

    @property
    def any(self) -> bool:
        """Whether the account has a second factor. Recovery codes alone are none: they only replace one."""
        return self.count > 0

    @property
    def count(self) -> int:
        """How many passkeys and authenticator apps it has."""
        return len(self.passkeys) + (self.totp_since is not None)


@dataclass(frozen=True)
class TotpSecret:
    """The sealed secret of one-time passwords, and the step of the last one used."""

    sealed: bytes
    last_step: int
    confirmed_at: datetime | None


@dataclass(frozen=True)
class RelyingParty:
    """What passkeys are bound to: a domain, and the origin of the pages that ask for them."""

    id: str
    origin: str


@dataclass(frozen=True)
class KeyOwner:
    """An account as an authenticator shows it when it offers a passkey."""

    id: UUID
    email: str
    name: str


@dataclass(frozen=True)
class Ceremony:
    """A ceremony that a browser may finish once: the token for its cookie, and the options for its authenticator."""

    token: str
    options: str  # JSON


@dataclass(frozen=True)
class Challenge:
    """What was kept of a begun ceremony."""

    purpose: CeremonyKind
    account_id: UUID | None
    challenge: bytes | None


class SecondFactorNeeded(Refusal):
    """This needs a session in which a second factor was used."""

    status = 403
    code = "second-factor-needed"


class WrongCode(Refusal):
    """The code is wrong, too old, or was used before."""

    status = 401
    code = "wrong-code"


class SignInBegunAnew(Refusal):
    """The sign-in took too long, was tried too often, or was begun in another browser."""

    code = "sign-in-over"


class PasskeyRefused(Refusal):
    """The passkey is unknown, was removed, or did not sign what it was asked to sign."""

    code = "passkey-refused"


class PasskeyNotFound(Refusal):
    """The account has no such passkey."""

    status = 404
    code = "passkey-not-found"


class TooManyPasskeys(Refusal):
    """The account has as many passkeys as it may have."""

    code = "too-many-passkeys"


class LastFactor(Refusal):
    """The account's role needs a second factor, so its last one stays until another is set up."""

    code = "last-factor"


class FactorMissing(Refusal):
    """The role needs a second factor, and the account has none."""

    code = "factor-missing"


class TotpEnrolledAlready(Refusal):
    """The account has one-time passwords already: they are removed before others are set up."""

    code = "totp-enrolled"


class TotpNotBegun(Refusal):
    """No secret of one-time passwords waits for a first code."""

    code = "totp-not-begun"


def plain(code: str) -> str:
    """Return a code without what people and password managers put between its characters."""
    return _APART.sub("", code).lower()


def is_totp(code: str) -> bool:
    """Say whether a plain code has the form of a one-time password."""
    return _CODE.fullmatch(code) is not None and code.isascii()


def is_recovery(code: str) -> bool:
    """Say whether a plain code has the form of a recovery code."""
    return _RECOVERY.fullmatch(code) is not None


def step_at(moment: datetime) -> int:
    """Return the number of the time step of a moment."""
    return int(moment.timestamp()) // STEP_SECONDS


def matching_step(codes: Iterable[tuple[int, str]], typed: str) -> int | None:
    """Return the latest step whose code was typed; each is compared, so that the time taken tells nothing."""
    found = [step for step, code in codes if hmac.compare_digest(code, typed)]
    return max(found, default=None)


def near(step: int, last_used: int) -> range:
    """Return the steps whose codes are good at a step: those next to it, and after the last one used."""
    return range(max(step - SKEW, last_used + 1), step + SKEW + 1)


def new_recovery_codes() -> list[str]:
    """Return codes of 24 letters and digits, in groups that can be copied by hand."""
    return [_grouped(base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()) for _ in range(RECOVERY_CODES)]


def _grouped(code: str) -> str:
    letters = code.lower()
    return "-".join(letters[start : start + 6] for start in range(0, len(letters), 6))


def hash_recovery(account_id: UUID, code: str) -> bytes:
    """Return the hash under which a recovery code of an account is kept."""
    return hashlib.sha256(account_id.bytes + plain(code).encode()).digest()


def hash_token(token: str) -> bytes:
    """Return the hash under which the token of a browser's cookie is kept."""
    return hashlib.sha256(token.encode()).digest()


def new_token() -> str:
    """Return a token for the cookie of a ceremony: 256 bits."""
    return secrets.token_urlsafe(32)


def clean_name(name: str, otherwise: str) -> str:
    """Return the name that a person gives a passkey, at most as long as a list can show, if a list can show it."""
    cleaned = clean(name)[:MOST_NAME].strip()
    return cleaned if not is_blank(cleaned) and is_readable(cleaned) else otherwise
