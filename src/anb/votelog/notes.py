"""Signed notes, verifier keys and checkpoints, as C2SP's signed-note and tlog-checkpoint describe them; Ed25519."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from anb.derived_keys import derive
from anb.errors import AnbError

ED25519 = b"\x01"
KEY_BYTES = 32
ID_BYTES = 4
_SIGNATURE = re.compile(r"— (\S+) ([A-Za-z0-9+/]+=*)")


class InvalidNote(AnbError):
    """A note, a checkpoint or a verifier key is malformed, or no known key signed it."""


@dataclass(frozen=True)
class VerifierKey:
    """A public key and the name under which it signs."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not self.name or re.search(r"[\s+]", self.name):
            raise InvalidNote(f"{self.name!r} cannot name a key: it is empty, or has a space or a plus")

    @property
    def id(self) -> bytes:
        """The four bytes before a signature."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(ED25519 + self.public_key).decode()}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a verifier key as `str` writes it. Raises InvalidNote."""
        name, _, rest = text.strip().partition("+")
        try:
            encoded = b64decode(rest.partition("+")[2], validate=True)
        except ValueError as error:
            raise InvalidNote(f"{text!r} is not a verifier key") from error
        key = cls(name, encoded[1:])
        if encoded[:1] != ED25519 or len(key.public_key) != KEY_BYTES or str(key) != text.strip():
            raise InvalidNote(f"{text!r} is not a verifier key of Ed25519")
        return key

    def verify(self, text: str, signature: bytes) -> bool:
        """Say whether a signature, without its id, is this key's over a text."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - only where it is needed: 10 MB
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - as above

        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class NoteSigner:
    """A private key and its name."""

    def __init__(self, name: str, seed: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - as above

        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(name, self._key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """Return the signed note of a text that ends in a newline."""
        if not text.endswith("\n"):
            raise InvalidNote("the text of a note ends in a newline")
        signature = self.verifier.id + self._key.sign(text.encode())
        return f"{text}\n— {self.verifier.name} {b64encode(signature).decode()}\n"


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: how many leaves it has, and the root above them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a checkpoint; lines of extensions are left alone. Raises InvalidNote."""
        found = re.match(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n", text)
        if found is None:
            raise InvalidNote("this is not a checkpoint: it needs an origin, a size and a root")
        return cls(found[1], int(found[2]), b64decode(found[3]))


def derived_signer(name: str, secret: str, label: str) -> NoteSigner:
    """Return the signer whose seed follows from a secret and a label, by HKDF."""
    return NoteSigner(name, derive(secret, label))


def open_note(note: str, keys: Iterable[VerifierKey]) -> str:
    """Return the text of a note that one of the keys signed. Raises InvalidNote, also if a known key's is wrong."""
    text, gap, lines = note.rpartition("\n\n")
    text += "\n"
    if not gap or not lines.endswith("\n"):
        raise InvalidNote("this is not a signed note: it lacks an empty line and lines of signatures after it")
    known, signed = {(key.name, key.id): key for key in keys}, False
    for line in lines.splitlines():
        found = _SIGNATURE.fullmatch(line)
        if found is None:
            raise InvalidNote(f"{line!r} is not the line of a signature")
        signature = b64decode(found[2])
        key = known.get((found[1], signature[:ID_BYTES]))
        if key is not None and not key.verify(text, signature[ID_BYTES:]):
            raise InvalidNote(f"the signature of {key.name} is wrong")
        signed = signed or key is not None
    if not signed:
        raise InvalidNote("no known key signed this note")
    return text
