"""What awaits a season's log: entries in the order in which they happened, and the batch that a sealer takes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from anb.errors import AnbError
from anb.votelog.domain import LeafKind


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """One thing that happened, as a trigger noted it. The clip's opening stands for its return too."""

    id: int
    season_id: UUID
    kind: LeafKind
    at: datetime
    video_id: UUID | None = None
    player_id: UUID | None = None
    vote_id: int | None = None
    voter_id: UUID | None = None
    pseudonym: UUID | None = None
    jury: bool = False
    klass: int | None = None  # of a void or a withdrawal

    @property
    def minute(self) -> int:
        """The minute of UTC, since 1970."""
        return int(self.at.timestamp()) // 60


@dataclass(frozen=True)
class Batch:
    """The oldest entries of a season that were committed when they were taken."""

    season_id: UUID
    entries: tuple[PendingEntry, ...]

    @property
    def votes(self) -> tuple[PendingEntry, ...]:
        """The votes among them."""
        return tuple(entry for entry in self.entries if entry.kind is LeafKind.VOTE)

    def without(self, vote_ids: Collection[int]) -> "Batch":
        """Leave out votes."""
        left = tuple(each for each in self.entries if each.kind is not LeafKind.VOTE or each.vote_id not in vote_ids)
        return Batch(self.season_id, left)


@dataclass(frozen=True)
class LogHead:
    """The newest signed state of a season's log."""

    season_id: UUID
    origin: str
    public_key: bytes
    size: int
    edge: tuple[bytes, ...]
    root: bytes
    sealed_at: datetime
    checkpoint: str
    closing_at: datetime | None  # the close that is awaited
    closing_xid: int | None  # the transactions before this one may have begun before it
    closed_at: datetime | None  # the close that the log has a leaf of


@dataclass(frozen=True)
class LogFigures:
    """What awaits a season's log."""

    pending: int
    held: int


class Finish(Enum):
    """How far the log of a season is towards its last leaf."""

    NOT_CLOSED = "the season has not closed"
    WAITING = "a transaction from before the close may still commit"
    PENDING = "entries are not sealed yet"
    HELD = "doubtful votes are not settled yet"
    DONE = "the log ends with the close of the season"


class WrongLogKey(AnbError):
    """The log of the season was begun with another key than this process has."""


class NoLogKey(AnbError):
    """This process lacks the key of the log."""
