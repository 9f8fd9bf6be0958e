"""The leaves of a season's log of votes, and the bytes of each: whatever counts, in the order in which it counts."""

from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from uuid import UUID

from anb.errors import AnbError, Refusal

NEVER_LOGGED = 2**64 - 1  # the index of a vote that was voided before it had a leaf


class LeafKind(IntEnum):
    """The first byte of an entry. A number is never used again for something else, since logs hold it."""

    CLIP_OPENED = 1
    PLAYER_MOVED = 2
    CLIP_RESTORED = 3
    CLIP_HIDDEN = 4
    CLIP_WITHDRAWN = 5
    VOTE = 6
    VOTE_VOIDED = 7
    VOTE_RESTORED = 8
    COUNT_CLOSED = 9


class WithdrawalClass(IntEnum):
    """The side that took a clip out of the season."""

    PLAYER = 1
    TAKEN_DOWN = 2


class VoidClass(IntEnum):
    """Why a vote counts no more, as far as the public is told."""

    UNDER_REVIEW = 1
    FRAUD = 2
    OTHER = 3  # the reason is in the audit trail


@dataclass(frozen=True)
class ClipOpened:
    """A clip became public: its votes count from here. `minute` is of UTC, since 1970."""

    minute: int
    clip: UUID
    player: UUID
    city: str


@dataclass(frozen=True)
class PlayerMoved:
    """A player competes for another city."""

    minute: int
    player: UUID
    city: str


@dataclass(frozen=True)
class ClipRestored:
    """A hidden clip is public again, and its votes count again."""

    minute: int
    clip: UUID


@dataclass(frozen=True)
class ClipHidden:
    """A clip is not public: its votes do not count until it is restored."""

    minute: int
    clip: UUID


@dataclass(frozen=True)
class ClipWithdrawn:
    """A clip left the season: its votes count no more, for good."""

    minute: int
    clip: UUID
    by: WithdrawalClass


@dataclass(frozen=True)
class VoteLogged:
    """A vote. The pseudonym is one of a person in this season."""

    jury: bool
    minute: int
    clip: UUID
    pseudonym: UUID


@dataclass(frozen=True)
class VoteVoided:
    """The vote of a leaf counts no more, or one that never had a leaf (NEVER_LOGGED) will not."""

    minute: int
    index: int
    clip: UUID
    pseudonym: UUID
    why: VoidClass


@dataclass(frozen=True)
class VoteRestored:
    """The voided vote of a leaf counts again."""

    minute: int
    index: int
    clip: UUID
    pseudonym: UUID


@dataclass(frozen=True)
class CountClosed:
    """The season closed, and every promise was kept by here. A later leaf means that it was reopened."""

    minute: int
    closed_at: int  # seconds since 1970


Leaf = (
    ClipOpened
    | PlayerMoved
    | ClipRestored
    | ClipHidden
    | ClipWithdrawn
    | VoteLogged
    | VoteVoided
    | VoteRestored
    | CountClosed
)

_OPENED = Struct(">BI16s16s")  # and the city
_MOVED = Struct(">BI16s")  # and the city
_CLIP = Struct(">BI16s")
_WITHDRAWN = Struct(">BI16sB")
_VOTE = Struct(">BBI16s16s")
_VOIDED = Struct(">BIQ16s16sB")
_VOTE_RESTORED = Struct(">BIQ16s16s")
_CLOSED = Struct(">BIQ")


class NotInLog(Refusal):
    """The log of this season does not have that, or not yet."""

    status = 404
    code = "not-in-log"


class NoPromiseKey(AnbError):
    """This process cannot sign promises."""


class InvalidLeaf(AnbError):
    """These bytes are not the entry of a leaf."""


def encode(leaf: Leaf) -> bytes:  # noqa: PLR0911 - a line per kind reads best
    """Return the entry of a leaf."""
    match leaf:
        case VoteLogged():
            return encode_vote(leaf.minute, leaf.clip.bytes, leaf.pseudonym.bytes, jury=leaf.jury)
        case ClipOpened(minute, clip, player, city):
            return _OPENED.pack(LeafKind.CLIP_OPENED, minute, clip.bytes, player.bytes) + city.encode()
        case PlayerMoved(minute, player, city):
            return _MOVED.pack(LeafKind.PLAYER_MOVED, minute, player.bytes) + city.encode()
        case ClipRestored(minute, clip):
            return _CLIP.pack(LeafKind.CLIP_RESTORED, minute, clip.bytes)
        case ClipHidden(minute, clip):
            return _CLIP.pack(LeafKind.CLIP_HIDDEN, minute, clip.bytes)
        case ClipWithdrawn(minute, clip, by):
            return _WITHDRAWN.pack(LeafKind.CLIP_WITHDRAWN, minute, clip.bytes, by)
        case VoteVoided(minute, index, clip, pseudonym, why):
            return _VOIDED.pack(LeafKind.VOTE_VOIDED, minute, index, clip.bytes, pseudonym.bytes, why)
        case VoteRestored(minute, index, clip, pseudonym):
            return _VOTE_RESTORED.pack(LeafKind.VOTE_RESTORED, minute, index, clip.bytes, pseudonym.bytes)
        case CountClosed(minute, closed_at):  # pragma: no branch - mypy proves that no kind is left
            return _CLOSED.pack(LeafKind.COUNT_CLOSED, minute, closed_at)


def encode_vote(minute: int, clip: bytes, pseudonym: bytes, *, jury: bool) -> bytes:
    """Return the entry of a vote without an object of it: the sealer has thousands."""
    return _VOTE.pack(LeafKind.VOTE, jury, minute, clip, pseudonym)


def decode(entry: bytes) -> Leaf:
    """Return the leaf of an entry. Raises InvalidLeaf."""
    try:
        leaf = _decoded(LeafKind(entry[0]), entry)
    except (ValueError, IndexError) as error:
        raise InvalidLeaf(f"{entry.hex()} is not a leaf: {error}") from error
    if leaf is None or encode(leaf) != entry:
        raise InvalidLeaf(f"{entry.hex()} is not a leaf: its length is wrong")
    return leaf


def _decoded(kind: LeafKind, entry: bytes) -> Leaf | None:
    shape = _SHAPES[kind]
    if len(entry) < shape.size:
        return None
    _, *fields = shape.unpack_from(entry)
    text = entry[shape.size :].decode()
    ids = [UUID(bytes=field) for field in fields if isinstance(field, bytes)]
    numbers = [field for field in fields if isinstance(field, int)]
    return _made(kind, numbers, ids, text)


def _made(kind: LeafKind, numbers: list[int], ids: list[UUID], text: str) -> Leaf:  # noqa: PLR0911 - a line per kind
    match kind:
        case LeafKind.CLIP_OPENED:
            return ClipOpened(numbers[0], ids[0], ids[1], text)
        case LeafKind.PLAYER_MOVED:
            return PlayerMoved(numbers[0], ids[0], text)
        case LeafKind.CLIP_RESTORED:
            return ClipRestored(numbers[0], ids[0])
        case LeafKind.CLIP_HIDDEN:
            return ClipHidden(numbers[0], ids[0])
        case LeafKind.CLIP_WITHDRAWN:
            return ClipWithdrawn(numbers[0], ids[0], WithdrawalClass(numbers[1]))
        case LeafKind.VOTE:
            return VoteLogged(bool(numbers[0]), numbers[1], ids[0], ids[1])
        case LeafKind.VOTE_VOIDED:
            return VoteVoided(numbers[0], numbers[1], ids[0], ids[1], VoidClass(numbers[2]))
        case LeafKind.VOTE_RESTORED:
            return VoteRestored(numbers[0], numbers[1], ids[0], ids[1])
        case LeafKind.COUNT_CLOSED:  # pragma: no branch - mypy proves that no kind is left
            return CountClosed(numbers[0], numbers[1])


_SHAPES = {
    LeafKind.CLIP_OPENED: _OPENED,
    LeafKind.PLAYER_MOVED: _MOVED,
    LeafKind.CLIP_RESTORED: _CLIP,
    LeafKind.CLIP_HIDDEN: _CLIP,
    LeafKind.CLIP_WITHDRAWN: _WITHDRAWN,
    LeafKind.VOTE: _VOTE,
    LeafKind.VOTE_VOIDED: _VOIDED,
    LeafKind.VOTE_RESTORED: _VOTE_RESTORED,
    LeafKind.COUNT_CLOSED: _CLOSED,
}
