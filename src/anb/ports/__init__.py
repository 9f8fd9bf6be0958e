"""What features need from the outside, as protocols of at most five methods; `bootstrap` chooses the adapters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import UUID

from anb.ports.files import Arrived, Found, Inventory, MediaStore, PartialFile, PartialFiles, Receiving, Stored
from anb.ports.photos import MadePhoto, PhotoMaker, PhotoMoves, PhotoSize, UnknownKind
from anb.ports.probes import HEAD_BYTES, CutShort, Encrypted, Prober, TooHeavy, Undecodable, Unreadable

__all__ = [
    "HEAD_BYTES",
    "AccessClaims",
    "Arrived",
    "Clock",
    "Count",
    "CutShort",
    "Encoder",
    "EncodingFailed",
    "EncodingKilled",
    "EncodingStalled",
    "Encrypted",
    "Found",
    "Inventory",
    "JobQueue",
    "Lifetimes",
    "MachineFailed",
    "MadePhoto",
    "MediaStore",
    "PartialFile",
    "PartialFiles",
    "PasswordHasher",
    "PhotoMaker",
    "PhotoMoves",
    "PhotoSize",
    "Ports",
    "Prober",
    "RateCounters",
    "RateWindow",
    "Receiving",
    "SecretBox",
    "Stopped",
    "Stored",
    "Tokens",
    "TooHeavy",
    "Undecodable",
    "UnknownKind",
    "Unreadable",
]  # fmt: skip


class JobQueue(Protocol):
    """The task queue: it wakes a worker; the row decides which job the worker gets."""

    def send(self, job_id: UUID) -> None:
        """Wake a worker for a job. Raises Outage when the broker cannot be reached."""

    def depth(self) -> int:
        """Count the messages that no worker has taken yet. Raises Outage."""


class Encoder(Protocol):
    """Runs FFmpeg in a sandbox, within limits of time and memory."""

    def run(
        self,
        arguments: Sequence[str],
        *,
        reads: Sequence[Path] = (),
        writes: Path | None = None,
        watch: Callable[[float], bool],
        limit: float,
    ) -> None:
        """Run `ffmpeg <arguments>`.

        FFmpeg sees only the files it `reads` and the folder it `writes`, given by their absolute paths. In the
        arguments each file is `file:<path>`, a result `file:<folder>/<name>`; a file that names others (a list to join)
        names them relative to itself. Files of our own package have the same paths as outside.

        `watch` is called several times a second with the seconds of output made so far; when it returns False the run
        is ended and Stopped is raised. `limit` is the hard limit in seconds. Raises EncodingFailed.
        """


class EncodingFailed(Exception):
    """FFmpeg failed; `str()` is the end of its output, for the operator."""


class EncodingKilled(EncodingFailed):
    """FFmpeg was killed, most likely for its memory. A second run tells if the file or the machine is the cause."""


class EncodingStalled(EncodingFailed):
    """FFmpeg computed for long without making anything new; `seconds` is what it had made before."""

    def __init__(self, said: str, seconds: float) -> None:
        super().__init__(said)
        self.seconds = seconds


class MachineFailed(EncodingFailed):
    """The file is not at fault: the disk is full, the share does not answer, or FFmpeg waited without computing."""


class Stopped(Exception):
    """The run was ended because its watcher returned False."""


class Clock(Protocol):
    """The current time."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""


class PasswordHasher(Protocol):
    """Password hashing (Argon2id)."""

    def hash(self, password: str) -> str:
        """Return a salted hash."""

    def is_outdated(self, hashed: str) -> bool:
        """Say whether a hash was made with other parameters than today's; this computes nothing."""

    def matches(self, hashed: str | None, password: str) -> bool:
        """Compare; takes the same time when `hashed` is None."""


@dataclass(frozen=True)
class AccessClaims:
    """What an access token says. Whether its session is still open, only the session's row says."""

    account_id: UUID
    session_id: UUID | None  # None: of a token from before there were sessions
    strong: bool
    issued_at: datetime


class Tokens(Protocol):
    """Signed texts: access tokens (JWT), and signatures of addresses that we gave out (HMAC)."""

    def issue(self, account_id: UUID, session_id: UUID | None = None, *, strong: bool = False) -> str:
        """Return an access token of an account, which ends with its session."""

    def read(self, token: str) -> AccessClaims | None:
        """Return what a token says, or None when the token is not ours or has expired."""

    def sign(self, message: str) -> str:
        """Return the signature of a message."""

    def verify(self, message: str, signature: str) -> bool:
        """Say, in constant time, whether we signed this message."""


class SecretBox(Protocol):
    """Secrets that the database keeps and only processes with ANB_SECRET_KEY can read."""

    def seal(self, text: str, owner: str) -> bytes:
        """Seal a text for an owner."""

    def unseal(self, sealed: bytes, owner: str) -> str | None:
        """Return the text; None if it was sealed with another key or for another owner."""


@dataclass(frozen=True)
class Count:
    """The hits counted under a key, and the seconds until the count starts again."""

    hits: int
    seconds: int


@dataclass(frozen=True)
class RateWindow:
    """A count that should stay at or below some number within a time; the time begins with the first hit."""

    key: str
    seconds: int
    most: int


class RateCounters(Protocol):
    """Counts within time windows, shared by all web servers; in a failure each server counts for itself."""

    def hit_each(self, windows: Sequence[RateWindow]) -> list[Count]:
        """Count one more hit in each, in order, and none after the first that has too many: one round trip."""

    def hit(self, key: str, seconds: int) -> Count:
        """Count one more hit, in a window that begins with the first hit."""

    def look(self, key: str) -> Count:
        """Return the count without adding to it."""


@dataclass(frozen=True)
class Lifetimes:
    """How long sessions and their tokens live."""

    idle: timedelta = timedelta(days=30)  # after the last use
    most: timedelta = timedelta(days=90)
    renewal: timedelta = timedelta(days=1)  # the least between two renewals
    access: timedelta = timedelta(hours=1)  # of an access token
    grace: timedelta = timedelta(seconds=30)  # of a refresh token that was used


@dataclass(frozen=True)
class Ports:
    """All ports that services use; built once per process by `bootstrap`."""

    media: MediaStore
    partial_files: PartialFiles
    inventory: Inventory
    queue: JobQueue
    prober: Prober
    encoder: Encoder
    photos: PhotoMaker
    clock: Clock
    passwords: PasswordHasher
    tokens: Tokens
    rates: RateCounters
    secrets: SecretBox
    lifetimes: Lifetimes = Lifetimes()
