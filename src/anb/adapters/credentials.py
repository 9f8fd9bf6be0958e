"""Passwords by Argon2id, tokens by JWT, signatures by HMAC."""

import hashlib
import hmac
from datetime import timedelta
from functools import cache
from threading import BoundedSemaphore
from uuid import UUID, uuid4

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from anb.ports import Clock

ALGORITHM = "HS256"
ISSUER = "anb-rising-stars"
AUDIENCE = "anb-api"
# A hash takes 19 MiB (OWASP's first choice: m=19 MiB, t=2, p=1): so many at once bound what sign-ins may take.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
HASHES_AT_ONCE = 4


class Argon2Passwords:
    """Argon2id, with a bound on memory however many sign in at once."""

    def __init__(self) -> None:
        self._turns = BoundedSemaphore(HASHES_AT_ONCE)
        self._nobody = _hash_of_nobody()

    def hash(self, password: str) -> str:
        """Return a salted hash."""
        with self._turns:
            return HASHER.hash(password)

    def matches(self, hashed: str | None, password: str) -> bool:
        """Compare; takes the same time when there is no hash to compare with."""
        with self._turns:
            try:
                HASHER.verify(hashed or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
        return hashed is not None


@cache
def _hash_of_nobody() -> str:
    """Return what is compared with when there is no account, so that the answer takes as long."""
    return HASHER.hash(uuid4().hex)


class SignedTokens:
    """JWT (HS256; issuer, audience and expiry checked) and HMAC-SHA-256 signatures, from one secret."""

    def __init__(self, secret: str, seconds: int, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._jwt_key = _derive(secret, b"access-token")
        self._address_key = _derive(secret, b"signed-address")

    def issue(self, user_id: UUID) -> str:
        """Return an access token for a user."""
        now = self._clock.now()
        claims = {
            "sub": str(user_id),
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + timedelta(seconds=self._seconds),
            "jti": uuid4().hex,
        }
        return jwt.encode(claims, self._jwt_key, algorithm=ALGORITHM)

    def read(self, token: str) -> UUID | None:
        """Return whose token it is, or None when it is not ours or no longer good."""
        try:
            claims = jwt.decode(
                token,
                self._jwt_key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"require": ["sub", "iss", "aud", "iat", "exp"]},
            )
            return UUID(claims["sub"])
        except (jwt.InvalidTokenError, ValueError):
            return None

    def sign(self, message: str) -> str:
        """Return the signature of a message."""
        return hmac.new(self._address_key, message.encode(), hashlib.sha256).hexdigest()

    def verify(self, message: str, signature: str) -> bool:
        """Say, in constant time, whether we signed this message."""
        return hmac.compare_digest(self.sign(message).encode(), signature.encode())


def _derive(secret: str, purpose: bytes) -> bytes:
    """Make a key for one purpose, so that a signature of one kind is never good as another."""
    return hmac.new(secret.encode(), purpose, hashlib.sha256).digest()
