"""Passwords by Argon2id, tokens by JWT, signatures by HMAC."""

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from uuid import UUID, uuid4

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from anb.db.recent import RecentReads
from anb.errors import AnbError
from anb.ports import AccessClaims, Clock
from anb.settings.passwords import PasswordSettings

ALGORITHM = "HS256"
ISSUER = "anb-rising-stars"
AUDIENCE = "anb-api"


class Argon2Passwords:
    """Argon2id. The callers limit how many are hashed at once."""

    def __init__(self, settings: PasswordSettings | None = None) -> None:
        known = settings or PasswordSettings()
        costs = known.argon2_passes, known.argon2_kib, known.argon2_lanes
        self._hasher = PasswordHasher(*costs)
        self._nobody = _hash_of_nobody(*costs)

    def hash(self, password: str) -> str:
        """Return a salted hash."""
        return self._hasher.hash(password)

    def is_outdated(self, hashed: str) -> bool:
        """Say whether a hash was made with other parameters than the settings'."""
        return self._hasher.check_needs_rehash(hashed)

    def matches(self, hashed: str | None, password: str) -> bool:
        """Compare; takes the same time when `hashed` is None."""
        try:
            self._hasher.verify(hashed or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None


@cache
def _hash_of_nobody(passes: int, kib: int, lanes: int) -> str:
    """Return a hash to compare with for an unknown account, so that the answer takes the same time."""
    return PasswordHasher(passes, kib, lanes).hash(uuid4().hex)


@dataclass(frozen=True)
class _VerifiedToken:
    claims: AccessClaims
    expires_at: int  # in seconds of Unix time


class SignedTokens:
    """JWT (HS256; issuer, audience and expiry checked) and HMAC-SHA-256 signatures, from one secret."""

    def __init__(self, secret: str, seconds: int, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._jwt_key = _derive(secret, b"access-token")
        self._address_key = _derive(secret, b"signed-address")
        self._recent = RecentReads()

    def issue(self, account_id: UUID, session_id: UUID | None = None, *, strong: bool = False) -> str:
        """Return an access token of an account, which ends with its session."""
        now = self._clock.now()
        claims = {
            "sub": str(account_id),
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + timedelta(seconds=self._seconds),
            "jti": uuid4().hex,
        }
        if session_id is not None:
            claims |= {"sid": str(session_id), "strong": strong}
        return jwt.encode(claims, self._jwt_key, algorithm=ALGORITHM)

    def read(self, token: str) -> AccessClaims | None:
        """Return what a token says, or None when the token is not ours or has expired.

        To verify a token takes longer than to look it up, so what was verified within the last second is kept.
        """
        digest = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        known = self._recent.find(digest) or self._recent.read(digest, partial(self._verified, token))
        return known.claims if known is not None and time.time() < known.expires_at else None

    def _verified(self, token: str) -> "_VerifiedToken | None":
        try:
            claims = jwt.decode(
                token,
                self._jwt_key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                # Another server's clock may be ahead of ours: its tokens seem to come from the future.
                options={"require": ["sub", "iss", "aud", "iat", "exp"], "verify_iat": False},
            )
            session_id = UUID(claims["sid"]) if "sid" in claims else None
            issued_at = datetime.fromtimestamp(claims["iat"], UTC)
            read = AccessClaims(UUID(claims["sub"]), session_id, bool(claims.get("strong")), issued_at)
            return _VerifiedToken(read, int(claims["exp"]))
        except (jwt.InvalidTokenError, RecursionError, ValueError):  # a header may hold JSON of any depth
            return None

    def sign(self, message: str) -> str:
        """Return the signature of a message."""
        return hmac.new(self._address_key, message.encode(), hashlib.sha256).hexdigest()

    def verify(self, message: str, signature: str) -> bool:
        """Say, in constant time, whether we signed this message."""
        return hmac.compare_digest(self.sign(message).encode(), signature.encode())


class NoKey(AnbError):
    """This process was given no key, because it has nothing to sign."""


class NoTokens:
    """Used without a key: an attacker who takes over a worker cannot issue a token or sign an address."""

    def issue(self, account_id: UUID, session_id: UUID | None = None, *, strong: bool = False) -> str:  # noqa: ARG002
        """Raise NoKey."""
        raise NoKey(f"no token for {account_id}: this process has no ANB_SECRET_KEY")

    def read(self, _token: str) -> AccessClaims | None:
        """Raise NoKey."""
        raise NoKey("no token can be read: this process has no ANB_SECRET_KEY")

    def sign(self, _message: str) -> str:
        """Raise NoKey."""
        raise NoKey("no address can be signed: this process has no ANB_SECRET_KEY")

    def verify(self, _message: str, _signature: str) -> bool:
        """Raise NoKey."""
        raise NoKey("no signature can be verified: this process has no ANB_SECRET_KEY")


def _derive(secret: str, purpose: bytes) -> bytes:
    """Derive a key for one purpose, so that a signature of one kind is never valid as another."""
    return hmac.new(secret.encode(), purpose, hashlib.sha256).digest()
