"""The tallies as rows: what a batch needs to know of them, and one statement for each table that it changes."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select, text

from anb.db.session import UnitOfWork
from anb.db.tables import votes
from anb.db.tables_accounts import users
from anb.db.tables_votelog import clip_tallies, held_votes, log_leaves, player_tallies, voided_leaves, voter_pseudonyms
from anb.votelog.domain import LeafKind, VoteLogged, decode
from anb.votelog.folding import City, ClipTally, Fold, Known, LoggedVote, OwedVote
from anb.votelog.pending import Batch

_NAMES = tuple(ClipTally.__dataclass_fields__)
_PUT_CLIPS = text("""
insert into clip_tallies (video_id, season_id, player_id, city_key, opened_index, votes, jury_votes, last_index,
    is_open, is_withdrawn)
select * from unnest(cast(:video_id as uuid[]), cast(:season_id as uuid[]), cast(:player_id as uuid[]),
    cast(:city_key as text[]), cast(:opened_index as bigint[]), cast(:votes as int[]), cast(:jury_votes as int[]),
    cast(:last_index as bigint[]), cast(:is_open as bool[]), cast(:is_withdrawn as bool[]))
on conflict (video_id) do update set votes = excluded.votes, jury_votes = excluded.jury_votes,
    last_index = excluded.last_index, is_open = excluded.is_open, is_withdrawn = excluded.is_withdrawn
""")
_MOVE_CLIPS = text("""
update clip_tallies set city_key = said.city_key
from unnest(cast(:players as uuid[]), cast(:keys as text[])) said (player_id, city_key)
where season_id = :season and clip_tallies.player_id = said.player_id and clip_tallies.city_key <> said.city_key
""")
# Where the last counted vote was voided, the last one before it is looked up: only for the clips concerned.
_LAST_VOTES = text("""
update clip_tallies set last_index = (
    select max(log_leaves.index) from votes join log_leaves on vote_id = votes.id
    where votes.video_id = clip_tallies.video_id and not votes.jury and not exists (
        select from voided_leaves where voided_leaves.season_id = log_leaves.season_id
            and voided_leaves.index = log_leaves.index)
) where video_id = any(:clips)
""")
SUMS = """
select player_id, coalesce(sum(votes) filter (where is_open), 0) votes,
    coalesce(sum(jury_votes) filter (where is_open), 0) jury_votes,
    coalesce(min(opened_index) filter (where is_open), min(opened_index)) opened_index,
    max(last_index) filter (where is_open) last_index, count(*) filter (where is_open) clips
from clip_tallies where season_id = :season
"""
_PUT_PLAYERS = text(f"""
with sums as ({SUMS} and player_id = any(:players) group by player_id)
insert into player_tallies (season_id, player_id, city_key, city, votes, jury_votes, opened_index, last_index, clips)
select :season, sums.player_id, coalesce(said.city_key, known.city_key), coalesce(said.city, known.city), sums.votes,
    sums.jury_votes, sums.opened_index, coalesce(sums.last_index, sums.opened_index), sums.clips
from sums left join unnest(cast(:movers as uuid[]), cast(:keys as text[]), cast(:cities as text[]))
        said (player_id, city_key, city) using (player_id)
    left join player_tallies known on known.season_id = :season and known.player_id = sums.player_id
on conflict (season_id, player_id) do update set city_key = excluded.city_key, city = excluded.city,
    votes = excluded.votes, jury_votes = excluded.jury_votes, opened_index = excluded.opened_index,
    last_index = excluded.last_index, clips = excluded.clips
""")  # noqa: S608 - no value of anybody's
_VOID = text("""
insert into voided_leaves (season_id, index) select :season, unnest(cast(:leaves as bigint[])) on conflict do nothing
""")
_RESTORE = text("delete from voided_leaves where season_id = :season and index = any(:leaves)")


def load(uow: UnitOfWork, batch: Batch, size: int) -> Known:
    """Read everything that the entries of a batch need."""
    kinds = {LeafKind.CLIP_OPENED, LeafKind.PLAYER_MOVED}
    players = {each.player_id for each in batch.entries if each.kind in kinds and each.player_id}
    undone = {LeafKind.VOTE_VOIDED, LeafKind.VOTE_RESTORED}
    vote_ids = {each.vote_id for each in batch.entries if each.kind in undone and each.vote_id}
    clips = {each.video_id for each in batch.entries if each.video_id}
    known = Known(size, _clips(uow, clips))
    if players:
        known.cities, known.players = _cities(uow, players), _players(uow, batch.season_id, players)
    if vote_ids:
        _load_undone(uow, batch.season_id, vote_ids, known)
    return known


def write(uow: UnitOfWork, season_id: UUID, fold: Fold) -> None:
    """Write the tallies that a batch changes."""
    _write_voids(uow, season_id, fold.void)
    changed = [fold.known.clips[video_id] for video_id in sorted(fold.changed)]
    if changed:
        uow.execute(_PUT_CLIPS, {name: [getattr(clip, name) for clip in changed] for name in _NAMES})
    if fold.recounted:
        uow.execute(_LAST_VOTES, {"clips": list(fold.recounted)})
    said = sorted(fold.said.items())
    movers, keys, names = [who for who, _ in said], [city.key for _, city in said], [city.name for _, city in said]
    if movers:
        uow.execute(_MOVE_CLIPS, {"season": season_id, "players": movers, "keys": keys})
    players = sorted({clip.player_id for clip in changed} | set(movers))
    if players:
        values = {"season": season_id, "players": players, "movers": movers, "keys": keys, "cities": names}
        uow.execute(_PUT_PLAYERS, values)


def _write_voids(uow: UnitOfWork, season_id: UUID, void: dict[int, bool]) -> None:
    for statement, wanted in ((_VOID, True), (_RESTORE, False)):
        leaves = [index for index, is_void in void.items() if is_void is wanted]
        if leaves:
            uow.execute(statement, {"season": season_id, "leaves": leaves})


def _clips(uow: UnitOfWork, video_ids: Collection[UUID]) -> dict[UUID, ClipTally]:
    columns = [clip_tallies.c[name] for name in _NAMES]
    rows = uow.execute(select(*columns).where(_among(clip_tallies.c.video_id, video_ids))).all()
    return {row.video_id: ClipTally(**row._mapping) for row in rows}  # noqa: SLF001 - SQLAlchemy's public name for it


def _cities(uow: UnitOfWork, players: Collection[UUID]) -> dict[UUID, City]:
    rows = uow.execute(select(users.c.id, users.c.city, users.c.city_key).where(_among(users.c.id, players)))
    return {row.id: City(row.city, row.city_key) for row in rows}


def _players(uow: UnitOfWork, season_id: UUID, players: Collection[UUID]) -> dict[UUID, str]:
    rows = select(player_tallies.c.player_id, player_tallies.c.city).where(
        player_tallies.c.season_id == season_id, _among(player_tallies.c.player_id, players)
    )
    return {row.player_id: row.city for row in uow.execute(rows)}


def _load_undone(uow: UnitOfWork, season_id: UUID, vote_ids: Collection[int], known: Known) -> None:
    """Read the leaves of votes that are voided or restored, or how they are held."""
    leaves = select(log_leaves.c.vote_id, log_leaves.c.index.label("place"), log_leaves.c.entry)
    for row in uow.execute(leaves.where(_among(log_leaves.c.vote_id, vote_ids))):
        known.logged[row.vote_id] = _logged(row)
    indexes = [vote.index for vote in known.logged.values()]
    void = select(voided_leaves.c.index).where(voided_leaves.c.season_id == season_id)
    known.void |= set(uow.execute(void.where(_among(voided_leaves.c.index, indexes))).scalars())
    held = select(held_votes.c.vote_id, held_votes.c.cast_at, held_votes.c.pseudonym, held_votes.c.jury)
    known.held = _owed(uow.execute(held.where(_among(held_votes.c.vote_id, vote_ids))))
    mine = (voter_pseudonyms.c.season_id == votes.c.season_id) & (voter_pseudonyms.c.voter_id == votes.c.voter_id)
    unlogged = select(votes.c.id, votes.c.cast_at, voter_pseudonyms.c.pseudonym, votes.c.jury)
    without = [vote_id for vote_id in vote_ids if vote_id not in known.logged]
    known.unlogged = _owed(uow.execute(unlogged.join(voter_pseudonyms, mine).where(_among(votes.c.id, without))))


def _logged(row: Row[Any]) -> LoggedVote:
    leaf = decode(bytes(row.entry))
    if not isinstance(leaf, VoteLogged):
        raise TypeError(f"leaf {row.place} names vote {row.vote_id} and is none")
    return LoggedVote(row.place, leaf.pseudonym)


def _owed(rows: Iterable[Row[Any]]) -> dict[int, OwedVote]:
    found = map(tuple, rows)
    return {vote_id: OwedVote(int(at.timestamp()) // 60, pseudonym, jury) for vote_id, at, pseudonym, jury in found}


def _among(column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    return column == func.any(list(values))


def wrong_players(uow: UnitOfWork, season_id: UUID) -> Sequence[Row[Any]]:
    """Return the players whose tallies are not the sums of their clips'."""
    return uow.execute(_WRONG_PLAYERS, {"season": season_id}).all()


_WRONG_PLAYERS = text(f"""
with sums as ({SUMS} group by player_id), known as (select * from player_tallies where season_id = :season)
select player_id from sums full join known using (player_id)
where (known.votes, known.jury_votes, known.opened_index, known.last_index, known.clips)
    is distinct from
    (sums.votes, sums.jury_votes, sums.opened_index, coalesce(sums.last_index, sums.opened_index), sums.clips)
""")  # noqa: S608 - no value of anybody's
# Votes that await the log or are held are not in it yet; a clip of which anything else awaits it is left out.
ROWS = """
with cast_votes as (
    select video_id, count(*) filter (where not jury) votes, count(*) filter (where jury) jury_votes
    from votes where season_id = :season and voided_at is null group by video_id
), awaited as (
    select video_id, jury from pending_entries join votes using (video_id, jury)
    where pending_entries.season_id = :season and kind = 6 and votes.id = vote_id and voided_at is null
    union all
    select held_votes.video_id, held_votes.jury from held_votes join votes on votes.id = vote_id
    where held_votes.season_id = :season and voided_at is null
), later as (
    select video_id, count(*) filter (where not jury) votes, count(*) filter (where jury) jury_votes
    from awaited group by video_id
)
select video_id, coalesce(cast_votes.votes, 0) - coalesce(later.votes, 0) votes,
    coalesce(cast_votes.jury_votes, 0) - coalesce(later.jury_votes, 0) jury_votes
from (select video_id from clip_tallies where season_id = :season union select video_id from cast_votes) clips
    left join cast_votes using (video_id) left join later using (video_id)
where not exists (
    select from pending_entries other
    where other.season_id = :season and other.kind <> 6 and other.video_id = clips.video_id)
"""
