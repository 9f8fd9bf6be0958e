"""The tallies counted again from the leaves of the log: to build them anew, and to compare rows, tallies and log."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from anb.db.session import UnitOfWork
from anb.votelog import comparisons, store, tallies
from anb.votelog.domain import (
    NEVER_LOGGED,
    ClipHidden,
    ClipOpened,
    ClipRestored,
    ClipWithdrawn,
    Leaf,
    PlayerMoved,
    VoteRestored,
    VoteVoided,
    decode,
)
from anb.votelog.folding import City, ClipTally
from anb.votelog.merkle import grow, root

STEP = 20_000  # rows that are read at once
HASH_BYTES = 32
_OTHERS = text("select index place, entry from log_leaves where season_id = :season and vote_id is null order by index")
# The clip is in the bytes 7 to 22 of the entry of a vote, and the second byte says whether it is a juror's.
_COUNTS = text("""
select substr(entry, 7, 16) clip, count(*) filter (where get_byte(entry, 1) = 0) votes,
    count(*) filter (where get_byte(entry, 1) = 1) jury_votes, max(index) filter (where get_byte(entry, 1) = 0) last
from log_leaves where season_id = :season and vote_id is not null and index <> all(:void) group by 1
""")
_KEYS = text("select id, city_key from users where id = any(:players)")
# Of each leaf only its hash is needed: to fetch and hash the entries one by one took most of the time.
_HASHES = text("""
select string_agg(sha256('\\x00'::bytea || entry), ''::bytea order by index)
from log_leaves where season_id = :season and index >= :first and index < :end
""")


@dataclass
class Recount:
    """What the leaves of a season say."""

    clips: dict[UUID, ClipTally] = field(default_factory=dict)
    cities: dict[UUID, str] = field(default_factory=dict)  # by player, as the last leaf says
    void: set[int] = field(default_factory=set)

    def read(self, index: int, leaf: Leaf, season_id: UUID) -> None:
        """Follow a leaf of another kind than a vote."""
        match leaf:
            case ClipOpened(_, clip, player, city):
                self.clips[clip] = ClipTally(clip, season_id, player, "", index)
                self.cities[player] = city
            case PlayerMoved(_, player, city):
                self.cities[player] = city
            case ClipRestored(_, clip):
                self.clips[clip].is_open = True
            case ClipHidden(_, clip):
                self.clips[clip].is_open = False
            case ClipWithdrawn(_, clip, _):
                self.clips[clip].is_open, self.clips[clip].is_withdrawn = False, True
            case VoteVoided() if leaf.index != NEVER_LOGGED:
                self.void.add(leaf.index)
            case VoteRestored():
                self.void.discard(leaf.index)
            case _:
                pass


def recount(uow: UnitOfWork, season_id: UUID) -> Recount:
    """Count the leaves of a season."""
    # Of 200,000 clips, one statement may take longer than a request may, and reading its rows longer than a pause may.
    uow.execute(text("set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0"))
    found = Recount()
    for row in uow.execute(_OTHERS, {"season": season_id}).all():
        found.read(row.place, decode(bytes(row.entry)), season_id)
    for row in uow.execute(_COUNTS, {"season": season_id, "void": sorted(found.void)}).all():
        clip = found.clips[UUID(bytes=bytes(row.clip))]
        if not clip.is_withdrawn:
            clip.votes, clip.jury_votes, clip.last_index = row.votes, row.jury_votes, row.last
    keys = {row.id: row.city_key for row in uow.execute(_KEYS, {"players": list(found.cities)}).all()}
    for clip in found.clips.values():
        clip.city_key = keys[clip.player_id]
    return found


def rebuild(uow: UnitOfWork, season_id: UUID) -> int:
    """Build the tallies of a season anew from its log; return of how many clips. Sealing waits meanwhile."""
    store.wait_turn(uow)
    found = recount(uow, season_id)
    keys = {clip.player_id: clip.city_key for clip in found.clips.values()}
    tallies.replace(
        uow,
        season_id,
        list(found.clips.values()),
        {player: City(city, keys[player]) for player, city in found.cities.items()},
        sorted(found.void),
    )
    comparisons.forget(uow, season_id)
    return len(found.clips)


def compare(uow: UnitOfWork, season_id: UUID) -> list[str]:
    """Return how rows, tallies and log differ; empty when they agree.

    The statements must see one state: the caller holds the sealer's turn, or reads from one snapshot.
    """
    found = recount(uow, season_id).clips
    known = {clip.video_id: clip for clip in tallies.list_clips(uow, season_id)}
    return [
        *(
            f"clip {each}: the tally says {_said(known.get(each))}, the log says {_said(found.get(each))}"
            for each in sorted(each for each in known.keys() | found.keys() if known.get(each) != found.get(each))
        ),
        *(
            f"player {row.player_id}: the tally is not the sum of the clips"
            for row in tallies.wrong_players(uow, season_id)
        ),
        *(
            f"clip {row.video_id}: the rows say {row.votes} and {row.jury_votes} of the jury, "
            f"the log says {_said(found.get(row.video_id))}"
            for row in tallies.count_rows(uow, season_id)
            if not _agree(found.get(row.video_id), row.votes, row.jury_votes)
        ),
    ]


def check_tree(uow: UnitOfWork, season_id: UUID) -> list[str]:
    """Return how the leaves of a season and the root of its signed head differ; empty when they agree."""
    head = store.get_head(uow, season_id)
    if head is None:
        return []
    tree = grow(0, (), ())
    for hashes in _steps(uow, season_id, head.size):
        tree = grow(tree.size, tree.edge, hashes)
    if tree.size != head.size:
        return [f"the head has {head.size} leaves, and {tree.size} are there"]
    return [] if root(tree.edge) == head.root else ["the leaves lead to another root than the signed one"]


def _steps(uow: UnitOfWork, season_id: UUID, size: int) -> Iterator[list[bytes]]:
    for first in range(0, size, STEP):
        asked = {"season": season_id, "first": first, "end": min(first + STEP, size)}
        found = bytes(uow.execute(_HASHES, asked).scalar_one() or b"")
        yield [found[place : place + HASH_BYTES] for place in range(0, len(found), HASH_BYTES)]


def _agree(clip: ClipTally | None, votes: int, jury_votes: int) -> bool:
    if clip is None:
        return votes == jury_votes == 0
    return clip.is_withdrawn or (clip.votes, clip.jury_votes) == (votes, jury_votes)


def _said(clip: ClipTally | None) -> str:
    if clip is None:
        return "nothing"
    state = "open" if clip.is_open else "withdrawn" if clip.is_withdrawn else "hidden"
    places = f"last at {clip.last_index}, opened at {clip.opened_index}"
    return f"{clip.votes} and {clip.jury_votes} of the jury, {places}, {state}"
