"""How entries become leaves, and what each leaf changes of the tallies: in memory, in the order of the log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from anb.votelog.domain import (
    NEVER_LOGGED,
    ClipHidden,
    ClipOpened,
    ClipRestored,
    ClipWithdrawn,
    Leaf,
    LeafKind,
    PlayerMoved,
    VoidClass,
    VoteRestored,
    VoteVoided,
    WithdrawalClass,
    encode,
    encode_vote,
)
from anb.votelog.pending import PendingEntry


@dataclass
class ClipTally:
    """The sums of a clip: of its logged votes that are not void, also while it is hidden."""

    video_id: UUID
    season_id: UUID
    player_id: UUID
    city_key: str
    opened_index: int
    votes: int = 0
    jury_votes: int = 0
    last_index: int | None = None  # of the last counted vote of the public
    is_open: bool = True
    is_withdrawn: bool = False


@dataclass(frozen=True)
class City:
    """Where a player lives at present."""

    name: str
    key: str


@dataclass(frozen=True)
class LoggedVote:
    """A vote that has a leaf."""

    index: int
    pseudonym: UUID


@dataclass(frozen=True)
class OwedVote:
    """A vote without a leaf: held, or voided before it got one."""

    minute: int
    pseudonym: UUID
    jury: bool


@dataclass
class Known:
    """What the database knows of everything that a batch names."""

    size: int  # of the log
    clips: dict[UUID, ClipTally] = field(default_factory=dict)
    cities: Mapping[UUID, City] = field(default_factory=dict)  # by player
    players: Mapping[UUID, str] = field(default_factory=dict)  # the city of each player who is in the tallies
    logged: dict[int, LoggedVote] = field(default_factory=dict)
    void: set[int] = field(default_factory=set)  # the leaves that are void
    held: Mapping[int, OwedVote] = field(default_factory=dict)
    unlogged: Mapping[int, OwedVote] = field(default_factory=dict)  # votes that are restored and may lack a leaf


@dataclass
class Fold:
    """The leaves of a batch, and everything that they change."""

    known: Known
    entries: list[bytes] = field(default_factory=list)
    vote_ids: list[int | None] = field(default_factory=list)
    changed: set[UUID] = field(default_factory=set)  # clips
    recounted: set[UUID] = field(default_factory=set)  # clips whose last vote was voided
    said: dict[UUID, City] = field(default_factory=dict)  # the cities that leaves name, by player
    void: dict[int, bool] = field(default_factory=dict)  # by leaf
    settled: set[int] = field(default_factory=set)  # held votes
    strays: int = 0  # entries of clips that the log has never opened

    def take(self, entries: Iterable[PendingEntry]) -> None:
        """Turn entries into leaves. What changes nothing becomes no leaf, so an entry may come twice."""
        acts = {
            LeafKind.VOTE: self._vote,
            LeafKind.CLIP_OPENED: self._open,
            LeafKind.CLIP_HIDDEN: self._hide,
            LeafKind.CLIP_WITHDRAWN: self._withdraw,
            LeafKind.PLAYER_MOVED: self._move,
            LeafKind.VOTE_VOIDED: self._void,
            LeafKind.VOTE_RESTORED: self._restore,
        }
        for entry in entries:
            acts[entry.kind](entry)

    @property
    def size(self) -> int:
        """The size of the log with these leaves."""
        return self.known.size + len(self.entries)

    def _add(self, entry: bytes, vote_id: int | None = None) -> int:
        self.entries.append(entry)
        self.vote_ids.append(vote_id)
        return self.size - 1

    def _vote(self, entry: PendingEntry) -> None:
        if entry.vote_id is None or entry.pseudonym is None:
            raise ValueError(f"entry {entry.id} lacks its vote or its pseudonym")
        self._count(entry, OwedVote(entry.minute, entry.pseudonym, entry.jury), entry.vote_id)

    def _count(self, entry: PendingEntry, vote: OwedVote, vote_id: int) -> None:
        clip = self._clip(entry)
        if clip is None or vote_id in self.known.logged:
            return
        leaf = encode_vote(vote.minute, clip.video_id.bytes, vote.pseudonym.bytes, jury=vote.jury)
        index = self._add(leaf, vote_id)
        self.known.logged[vote_id] = LoggedVote(index, vote.pseudonym)
        self._change(clip, index, 1, jury=vote.jury)

    def _change(self, clip: ClipTally, index: int, by: int, *, jury: bool) -> None:
        """Add a vote to a clip, or take it away. The votes of a withdrawn clip are gone for good."""
        if clip.is_withdrawn:
            return
        self.changed.add(clip.video_id)
        if jury:
            clip.jury_votes += by
            return
        clip.votes += by
        if by > 0:
            clip.last_index = max(index, clip.last_index or 0)
        elif index == clip.last_index:
            self.recounted.add(clip.video_id)

    def _clip(self, entry: PendingEntry) -> ClipTally | None:
        clip = self.known.clips.get(entry.video_id) if entry.video_id else None
        if clip is None:
            self.strays += 1
        return clip

    def _open(self, entry: PendingEntry) -> None:
        video_id, player_id = entry.video_id, entry.player_id
        if video_id is None or player_id is None:
            raise ValueError(f"entry {entry.id} lacks its clip or its player")
        clip = self.known.clips.get(video_id)
        if clip is None:
            city = self.known.cities[player_id]
            index = self._say(ClipOpened(entry.minute, video_id, player_id, city.name))
            self.known.clips[video_id] = ClipTally(video_id, entry.season_id, player_id, city.key, index)
            self.said[player_id] = city
        elif not clip.is_open and not clip.is_withdrawn:
            self._say(ClipRestored(entry.minute, video_id))
            clip.is_open = True
        else:
            return
        self.changed.add(video_id)

    def _hide(self, entry: PendingEntry) -> None:
        clip = self._clip(entry)
        if clip is not None and clip.is_open:
            self._say(ClipHidden(entry.minute, clip.video_id))
            clip.is_open = False
            self.changed.add(clip.video_id)

    def _withdraw(self, entry: PendingEntry) -> None:
        clip = self.known.clips.get(entry.video_id) if entry.video_id else None
        if clip is not None and not clip.is_withdrawn:
            self._say(ClipWithdrawn(entry.minute, clip.video_id, WithdrawalClass(entry.klass or 1)))
            clip.is_open, clip.is_withdrawn, clip.votes, clip.jury_votes, clip.last_index = False, True, 0, 0, None
            self.changed.add(clip.video_id)
            self.recounted.discard(clip.video_id)

    def _move(self, entry: PendingEntry) -> None:
        player_id = entry.player_id
        if player_id is None:
            raise ValueError(f"entry {entry.id} lacks its player")
        city, said = self.known.cities[player_id], self.said.get(player_id)
        before = said.name if said else self.known.players.get(player_id)
        if before is not None and before != city.name:
            self._say(PlayerMoved(entry.minute, player_id, city.name))
            self.said[player_id] = city

    def _void(self, entry: PendingEntry) -> None:
        """Take a vote from the count, or settle a held one. Of a vote that has neither, all has been said."""
        vote_id = entry.vote_id or 0
        vote, held = self.known.logged.get(vote_id), self.known.held.get(vote_id)
        clip, why = self._clip(entry), VoidClass(entry.klass or VoidClass.OTHER)
        if clip is None:
            return
        if vote is not None and not self._is_void(vote.index):
            self._say(VoteVoided(entry.minute, vote.index, clip.video_id, vote.pseudonym, why))
            self.void[vote.index] = True
            self._change(clip, vote.index, -1, jury=entry.jury)
        elif vote is None and held is not None and vote_id not in self.settled:
            self._say(VoteVoided(entry.minute, NEVER_LOGGED, clip.video_id, held.pseudonym, why))
            self.settled.add(vote_id)

    def _restore(self, entry: PendingEntry) -> None:
        vote_id = entry.vote_id or 0
        vote, owed, clip = self.known.logged.get(vote_id), self.known.unlogged.get(vote_id), self._clip(entry)
        if clip is None:
            return
        if vote is not None and self._is_void(vote.index):
            self._say(VoteRestored(entry.minute, vote.index, clip.video_id, vote.pseudonym))
            self.void[vote.index] = False
            self._change(clip, vote.index, 1, jury=entry.jury)
        elif vote is None and owed is not None and (vote_id in self.settled or vote_id not in self.known.held):
            self._count(entry, owed, vote_id)

    def _is_void(self, index: int) -> bool:
        return self.void.get(index, index in self.known.void)

    def _say(self, leaf: Leaf) -> int:
        return self._add(encode(leaf))
