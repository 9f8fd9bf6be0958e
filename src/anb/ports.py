"""What the rooms need from the world, as protocols of at most five methods; `bootstrap` chooses who fulfils them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True)
class Stored:
    """A file that is whole and durable on the share."""

    key: str  # path below the media root; made once, never used again
    size: int  # bytes
    sha256: str  # hex


class Arrived(Protocol):
    """A file that came whole and is still to be judged; nobody sees it before `keep`."""

    path: Path

    def settle(self) -> None:
        """Make what was written durable (fsync), so that it may be judged."""

    def keep(self, key: str) -> Stored:
        """Give the settled file its place and make that durable."""


class Receiving(Arrived, Protocol):
    """A file on its way in, in one go."""

    @property
    def sha256(self) -> str:
        """Return the SHA-256, in hex, of what has come so far."""

    def write(self, chunk: bytes | memoryview) -> None:
        """Append bytes and add them to the hash."""

    def discard(self) -> None:
        """Leave nothing behind; harmless when repeated or after `keep`."""


class Piece(Arrived, Protocol):
    """A file that comes in pieces, open for one of them; `keep` leaves it where it is, so that it may be repeated."""

    def write(self, chunk: bytes | memoryview) -> None:
        """Append bytes. Raises Outage."""

    def sync(self) -> int:
        """Make what was written durable and return the file's bytes so far. Raises Outage."""

    def close(self) -> None:
        """Let go of the file, which stays; harmless when repeated."""


class Pieces(Protocol):
    """Files that come in pieces, over several requests and from several servers."""

    def resume(self, key: str, offset: int) -> Piece:
        """Go on after so many bytes, dropping what lies behind them. Raises Outage where there are fewer."""

    def copy(self, key: str, new_key: str, size: int) -> None:
        """Make a durable copy of the first `size` bytes: whoever has the old file open does not reach it."""


@dataclass(frozen=True)
class Found:
    """A file that lies on the share."""

    key: str
    size: int  # bytes
    age: float  # seconds since it was written to


class Inventory(Protocol):
    """What lies on the share, looked at apart from the rows."""

    def walk(self, kind: str) -> Iterator[Found]:
        """Yield the files below `originals`, `edits` or `incoming`, one folder after another."""

    def look(self, key: str) -> Found | None:
        """Look at one file; None when it is not there."""

    def digest(self, key: str) -> str:
        """Return the SHA-256 of a file, in hex. Raises Outage."""


class MediaStore(Protocol):
    """The shared files: originals and edits."""

    def receive(self) -> Receiving:
        """Open a new file for bytes that come from outside."""

    def adopt(self, local: Path, key: str) -> Stored:
        """Copy a finished local file to the share: .part, fsync, rename."""

    def path(self, key: str) -> Path:
        """Say where a stored file can be read."""

    def delete(self, key: str) -> None:
        """Remove a file; harmless when it is gone already."""

    def free_bytes(self) -> int:
        """Say how many bytes the share can still take."""


class JobQueue(Protocol):
    """The distributor: it wakes a worker, the row decides who works."""

    def send(self, job_id: UUID) -> None:
        """Tell some worker of a job. Raises Outage when the broker cannot be reached."""

    def depth(self) -> int:
        """Count the messages nobody has taken yet. Raises Outage."""


class Prober(Protocol):
    """Looks into a file of unknown intent, in a process of its own."""

    def probe(self, path: Path) -> Mapping[str, object]:
        """Return what the container and its first frames say. Raises Unreadable (no video), CutShort, Outage."""


class Unreadable(Exception):
    """The prober found nothing that it may open as a video."""


class CutShort(Unreadable):
    """The end of the file is missing, and with it the index of its pictures."""


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

        Nothing exists for it but the files it `reads` and the folder it `writes`, by their absolute paths. In the
        arguments each is `file:<path>`, a result `file:<folder>/<name>`; a file that names others (a list to join)
        names them relative to itself. Files of our own package lie at the same paths as outside.

        `watch` is called several times a second with the seconds of output made so far; when it answers False the run
        is ended and Stopped is raised. `limit` is the hard limit in seconds. Raises EncodingFailed.
        """


class EncodingFailed(Exception):
    """FFmpeg ended badly; `str()` is the tail of what it said, for the operator."""


class Stopped(Exception):
    """The run was ended because its watcher said so."""


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Return the current time, aware, in UTC."""


class Passwords(Protocol):
    """Password hashing (Argon2id)."""

    def hash(self, password: str) -> str:
        """Return a salted hash."""

    def matches(self, hashed: str | None, password: str) -> bool:
        """Compare; takes the same time when there is no hash to compare with."""


class Tokens(Protocol):
    """Signed words of ours: who somebody is (JWT), and that an address was given out by us (HMAC)."""

    def issue(self, user_id: UUID) -> str:
        """Return an access token for a user."""

    def read(self, token: str) -> UUID | None:
        """Return whose token it is, or None when it is not ours or no longer good."""

    def sign(self, message: str) -> str:
        """Return the signature of a message."""

    def verify(self, message: str, signature: str) -> bool:
        """Say, in constant time, whether we signed this message."""


@dataclass(frozen=True)
class Ports:
    """Everything the services may ask of the world; built once per process by `bootstrap`."""

    media: MediaStore
    pieces: Pieces
    inventory: Inventory
    queue: JobQueue
    prober: Prober
    encoder: Encoder
    clock: Clock
    passwords: Passwords
    tokens: Tokens
