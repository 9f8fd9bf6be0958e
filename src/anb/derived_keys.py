"""Keys that follow from a secret, one for each use: one of them tells neither the secret nor another key."""

KEY_BYTES = 32


def derive(secret: str, label: str) -> bytes:
    """Return the key of a use, by HKDF with SHA-256."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - costs memory where no key is derived
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - as above

    return HKDF(SHA256(), KEY_BYTES, salt=None, info=label.encode()).derive(secret.encode())
