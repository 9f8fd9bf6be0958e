"""Secrets that must be readable again, sealed with AES-256-GCM under a key derived from ANB_SECRET_KEY."""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from anb.adapters.credentials import NoKey
from anb.logs import logger

log = logger(__name__)

NONCE_BYTES = 12


class SealedSecrets:
    """Implements SecretBox. What was sealed for one owner cannot be opened for another."""

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(hmac.new(secret.encode(), b"sealed-secret", hashlib.sha256).digest())

    def seal(self, text: str, owner: str) -> bytes:
        """Seal a text for an owner."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), owner.encode())

    def unseal(self, sealed: bytes, owner: str) -> str | None:
        """Return the text; None if it was sealed with another key or for another owner."""
        nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, body, owner.encode()).decode()
        except (InvalidTag, ValueError):
            log.warning("adapters.secret.unreadable", hint="was ANB_SECRET_KEY changed?")
            return None


class NoSecrets:
    """Used without a key: an attacker who takes over a worker can read no secret in the database."""

    def seal(self, _text: str, _owner: str) -> bytes:
        """Raise NoKey."""
        raise NoKey("nothing can be sealed: this process has no ANB_SECRET_KEY")

    def unseal(self, _sealed: bytes, _owner: str) -> str | None:
        """Raise NoKey."""
        raise NoKey("nothing can be unsealed: this process has no ANB_SECRET_KEY")
