"""The tallies counted again from the leaves of the log: to build them anew, and to compare rows, tallies and log.

PostgreSQL counts. In Python, a season of 200,000 clips took half a minute of the interpreter that also seals.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from anb.db.session import UnitOfWork
from anb.votelog import comparisons, store, tallies
from anb.votelog.domain import NEVER_LOGGED, LeafKind
from anb.votelog.merkle import grow, root

STEP = 20_000  # rows that are read at once
HASH_BYTES = 32
WORK_MEMORY = "64MB"  # of a sort; a small server's PostgreSQL has a gigabyte
_SIGNED_NEVER = NEVER_LOGGED - 2**64  # as PostgreSQL reads its eight bytes
_K = LeafKind
# Where an entry has its clip, player and city follows from `domain`: bytes count from 1 in substr, from 0 in get_byte.
_SAID = """
said as materialized (
    select index place, get_byte(entry, 0) kind, entry from log_leaves where season_id = :season and vote_id is null
)"""
_VOID = f"""
void as materialized (
    select leaf from (
        select distinct on (leaf) leaf, kind from (
            select ('x' || encode(substr(entry, 6, 8), 'hex'))::bit(64)::bigint leaf, kind, place
            from said where kind in ({_K.VOTE_VOIDED:d}, {_K.VOTE_RESTORED:d})
        ) undone where leaf <> {_SIGNED_NEVER} order by leaf, place desc
    ) newest where kind = {_K.VOTE_VOIDED:d}
)"""  # noqa: S608 - no value of anybody's
_CITIES = f"""
cities as materialized (
    select distinct on (player) encode(player, 'hex')::uuid player_id, convert_from(city, 'UTF8') city from (
        select substr(entry, 22, 16) player, substr(entry, 38) city, place from said where kind = {_K.CLIP_OPENED:d}
        union all
        select substr(entry, 6, 16), substr(entry, 22), place from said where kind = {_K.PLAYER_MOVED:d}
    ) named order by player, place desc
)"""  # noqa: S608 - no value of anybody's
_COUNTED = f"""
opened as (
    select substr(entry, 6, 16) clip, encode(substr(entry, 22, 16), 'hex')::uuid player_id, place opened_index
    from said where kind = {_K.CLIP_OPENED:d}
), states as (
    select distinct on (clip) clip, kind from (
        select substr(entry, 6, 16) clip, kind, place from said
        where kind in ({_K.CLIP_OPENED:d}, {_K.CLIP_RESTORED:d}, {_K.CLIP_HIDDEN:d}, {_K.CLIP_WITHDRAWN:d})
    ) changed order by clip, place desc
), sums as (
    select substr(entry, 7, 16) clip, count(*) filter (where get_byte(entry, 1) = 0) votes,
        count(*) filter (where get_byte(entry, 1) = 1) jury_votes,
        max(index) filter (where get_byte(entry, 1) = 0) last_index
    from log_leaves
    where season_id = :season and vote_id is not null and not exists (select from void where leaf = index) group by 1
), counted as (
    select encode(clip, 'hex')::uuid video_id, player_id, users.city_key, opened_index,
        coalesce(sums.votes, 0)::int votes, coalesce(sums.jury_votes, 0)::int jury_votes, sums.last_index,
        coalesce(kind in ({_K.CLIP_OPENED:d}, {_K.CLIP_RESTORED:d}), false) is_open,
        coalesce(kind = {_K.CLIP_WITHDRAWN:d}, false) is_withdrawn
    from opened full join states using (clip) left join users on users.id = player_id
        full join (
            select sums.* from sums left join states using (clip) where kind is distinct from {_K.CLIP_WITHDRAWN:d}
        ) sums using (clip)
)"""  # noqa: S608 - no value of anybody's
_COLUMNS = ("player_id", "city_key", "opened_index", "votes", "jury_votes", "last_index", "is_open", "is_withdrawn")
_DIFFERS = " or ".join(f"known.{each} is distinct from counted.{each}" for each in _COLUMNS)
_SET = ", ".join(f"{each} = excluded.{each}" for each in _COLUMNS)
# To write only what differs spares the indexes, and readers who wait for rows that stay as they are.
_FIX_VOIDS = text(f"""
with {_SAID}, {_VOID}, gone as (
    delete from voided_leaves where season_id = :season and not exists (select from void where leaf = index)
)
insert into voided_leaves (season_id, index) select :season, leaf from void on conflict do nothing
""")  # noqa: S608
_FIX_CLIPS = text(f"""
with {_SAID}, {_VOID}, {_COUNTED}, known as (select * from clip_tallies where season_id = :season), gone as (
    delete from clip_tallies as old where season_id = :season
        and not exists (select from counted where counted.video_id = old.video_id)
)
insert into clip_tallies (video_id, season_id, {", ".join(_COLUMNS)})
select video_id, :season, {", ".join(f"counted.{each}" for each in _COLUMNS)}
from counted left join known using (video_id) where {_DIFFERS} order by video_id
on conflict (video_id) do update set {_SET}
""")  # noqa: S608
_SUMMED = ("city_key", "city", "votes", "jury_votes", "opened_index", "last_index", "clips")
_FIX_PLAYERS = text(f"""
with {_SAID}, {_CITIES}, sums as ({tallies.SUMS} group by player_id), counted as (
    select player_id, users.city_key, cities.city, votes, jury_votes, opened_index,
        coalesce(last_index, opened_index) last_index, clips
    from sums join cities using (player_id) join users on users.id = player_id
), known as (select * from player_tallies where season_id = :season), gone as (
    delete from player_tallies as old where season_id = :season
        and not exists (select from counted where counted.player_id = old.player_id)
)
insert into player_tallies (season_id, player_id, {", ".join(_SUMMED)})
select :season, player_id, {", ".join(f"counted.{each}" for each in _SUMMED)}
from counted left join known using (player_id)
where {" or ".join(f"known.{each} is distinct from counted.{each}" for each in _SUMMED)}
on conflict (season_id, player_id) do update set {", ".join(f"{each} = excluded.{each}" for each in _SUMMED)}
""")  # noqa: S608
_CLIPS = text("select count(*) from clip_tallies where season_id = :season")
_COMPARE = text(f"""
with {_SAID}, {_VOID}, {_COUNTED}, known as (select * from clip_tallies where season_id = :season),
by_rows as ({tallies.ROWS}),
every as (
    select video_id, {", ".join(f"known.{each} known_{each}, counted.{each}" for each in _COLUMNS)},
        known.video_id is not null is_known, counted.video_id is not null is_counted,
        by_rows.votes row_votes, by_rows.jury_votes row_jury_votes,
        known.video_id is distinct from counted.video_id or {_DIFFERS} differs,
        case when by_rows.video_id is null then false
            when counted.video_id is null then by_rows.votes <> 0 or by_rows.jury_votes <> 0
            else not counted.is_withdrawn
                and (by_rows.votes, by_rows.jury_votes) <> (counted.votes, counted.jury_votes) end rows_differ
    from counted full join known using (video_id) full join by_rows using (video_id)
)
select * from every where differs or rows_differ order by video_id
""")  # noqa: S608
# Of each leaf only its hash is needed: to fetch and hash the entries one by one took most of the time.
_HASHES = text("""
select string_agg(sha256('\\x00'::bytea || entry), ''::bytea order by index)
from log_leaves where season_id = :season and index >= :first and index < :end
""")


def rebuild(uow: UnitOfWork, season_id: UUID) -> int:
    """Build the tallies of a season anew from its log; return of how many clips. Sealing waits meanwhile."""
    store.wait_turn(uow)
    with _reading_all(uow):
        for statement in (_FIX_VOIDS, _FIX_CLIPS, _FIX_PLAYERS):
            uow.execute(statement, {"season": season_id})
    comparisons.forget(uow, season_id)
    return int(uow.execute(_CLIPS, {"season": season_id}).scalar_one())


def compare(uow: UnitOfWork, season_id: UUID) -> list[str]:
    """Return how rows, tallies and log differ; empty when they agree.

    The statements must see one state: the caller holds the sealer's turn, or reads from one snapshot.
    """
    with _reading_all(uow):
        found = uow.execute(_COMPARE, {"season": season_id}).all()
        wrong_players = tallies.wrong_players(uow, season_id)
    return [
        *(
            f"clip {row.video_id}: the tally says {_said(row, 'known_', known=row.is_known)}, "
            f"the log says {_said(row, '', known=row.is_counted)}"
            for row in found
            if row.differs
        ),
        *(f"player {row.player_id}: the tally is not the sum of the clips" for row in wrong_players),
        *(
            f"clip {row.video_id}: the rows say {row.row_votes} and {row.row_jury_votes} of the jury, "
            f"the log says {_said(row, '', known=row.is_counted)}"
            for row in found
            if row.rows_differ
        ),
    ]


@contextmanager
def _reading_all(uow: UnitOfWork) -> Iterator[None]:
    """Sort in memory and join whole tables in this block, and let the transaction take longer than a request may.

    Statistics may be of tallies that are lost: then PostgreSQL would look up each of 100,000 players among as many.
    What follows in the transaction looks up few rows, for which that is the best way.
    """
    uow.execute(text("set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0"))
    uow.execute(text(f"set local work_mem = '{WORK_MEMORY}'; set local enable_nestloop = off"))
    yield
    uow.execute(text("set local work_mem to default; set local enable_nestloop to default"))


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


def _said(row: Row[Any], prefix: str, *, known: bool) -> str:
    if not known:
        return "nothing"
    is_open, is_withdrawn, votes, jury_votes, last, opened = (
        row._mapping[prefix + name]  # noqa: SLF001 - SQLAlchemy's public name for it
        for name in ("is_open", "is_withdrawn", "votes", "jury_votes", "last_index", "opened_index")
    )
    state = "open" if is_open else "withdrawn" if is_withdrawn else "hidden"
    return f"{votes} and {jury_votes} of the jury, last at {last}, opened at {opened}, {state}"
