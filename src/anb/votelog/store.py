"""The log as rows: the outbox, held votes, leaves, heads and kept checkpoints."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, literal, select, text, update

from anb.db.session import UnitOfWork
from anb.db.tables import votes
from anb.db.tables_seasons import seasons
from anb.db.tables_votelog import (
    held_votes,
    log_checkpoints,
    log_heads,
    pending_entries,
    voter_pseudonyms,
)
from anb.votelog.domain import LeafKind
from anb.votelog.merkle import TileHash
from anb.votelog.pending import Batch, LogFigures, LogHead, PendingEntry

SEALER = 0x414E424C  # the advisory lock of the only process that seals
CLOCK = func.clock_timestamp()
_WITHDRAWN = ("withdrawn", "taken_down")
_TAKE = text("""
with first as (select id from pending_entries where season_id = :season order by id limit :most)
delete from pending_entries using first where season_id = :season and pending_entries.id = first.id
returning pending_entries.*
""")
_ADD_LEAVES = text("""
insert into log_leaves (season_id, index, vote_id, entry)
select :season, :first + place - 1, vote_id, entry
from unnest(cast(:votes as bigint[]), cast(:entries as bytea[])) with ordinality leaf (vote_id, entry, place)
""")


class LoggedSeason(NamedTuple):
    """What the log needs to know of a season."""

    id: UUID
    slug: str
    closed_at: datetime | None
    is_closed: bool


def elect(uow: UnitOfWork) -> bool:
    """Become the only process that seals, until this transaction ends; False when another one is."""
    return bool(uow.execute(select(func.pg_try_advisory_xact_lock(literal(SEALER)))).scalar_one())


def wait_turn(uow: UnitOfWork) -> None:
    """Wait until no process seals, and let none seal until this transaction ends."""
    uow.execute(select(func.pg_advisory_xact_lock(literal(SEALER))))


def seasons_pending(uow: UnitOfWork) -> list[UUID]:
    """Return the seasons that have entries to seal; the index is skipped through, however many entries wait."""
    some = exists().where(pending_entries.c.season_id == seasons.c.id)
    return list(uow.execute(select(seasons.c.id).where(some).order_by(seasons.c.opened_at)).scalars())


def find_season(uow: UnitOfWork, season_id: UUID) -> LoggedSeason:
    """Return a season by id."""
    closed = func.coalesce(seasons.c.closed_at <= CLOCK, literal(value=False)).label("is_closed")
    query = select(seasons.c.id, seasons.c.slug, seasons.c.closed_at, closed).where(seasons.c.id == season_id)
    row = uow.execute(query).one()
    return LoggedSeason(row.id, row.slug, row.closed_at, row.is_closed)


def take(uow: UnitOfWork, season_id: UUID, most: int) -> Batch:
    """Delete the oldest committed entries of a season and return them in their order."""
    rows = uow.execute(_TAKE, {"season": season_id, "most": most}).mappings()
    found = [PendingEntry(**{**_renamed(row), "kind": LeafKind(row["kind"])}) for row in rows]
    return Batch(season_id, tuple(sorted(found, key=lambda entry: entry.id)))


def _renamed(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a mapping of SQLAlchemy's
    values = dict(row)
    values["klass"] = values.pop("class")
    return values


def has_pending(uow: UnitOfWork, season_id: UUID) -> bool:
    """Say whether committed entries of a season are not sealed yet."""
    return uow.execute(select(literal(1)).where(pending_entries.c.season_id == season_id).limit(1)).first() is not None


def figures(uow: UnitOfWork, season_id: UUID) -> LogFigures:
    """Count what awaits a season's log."""
    counts = (
        select(func.count()).select_from(table).where(table.c.season_id == season_id).scalar_subquery()
        for table in (pending_entries, held_votes)
    )
    return LogFigures(*tuple(uow.execute(select(*counts)).one()))


def add_held(uow: UnitOfWork, entries: Sequence[PendingEntry], reasons: Mapping[int, Sequence[str]]) -> None:
    """Note votes as held."""
    same = ("vote_id", "season_id", "video_id", "voter_id", "pseudonym", "jury")
    rows = [
        {name: getattr(each, name) for name in same} | {"cast_at": each.at, "reasons": list(reasons[each.vote_id or 0])}
        for each in entries
    ]
    if rows:
        uow.execute(insert(held_votes), rows)


def list_held(uow: UnitOfWork, season_id: UUID) -> list[int]:
    """Return the held votes of a season, the oldest first."""
    query = select(held_votes.c.vote_id).where(held_votes.c.season_id == season_id).order_by(held_votes.c.vote_id)
    return list(uow.execute(query).scalars())


def release(uow: UnitOfWork, vote_ids: Collection[int]) -> int:
    """Let held votes await the log again, but not those that were voided meanwhile; return how many."""
    # The lock lets a void of this moment come first, and be seen, or come after the vote.
    kept = votes.c.voided_at.is_(None) | votes.c.void_reason.in_(_WITHDRAWN)
    locked = select(votes.c.id).where(votes.c.id.in_(_held(vote_ids)), kept).order_by(votes.c.id)
    free = list(uow.execute(locked.with_for_update(read=True)).scalars())
    names = ("season_id", "video_id", "vote_id", "voter_id", "pseudonym", "jury", "cast_at")
    gone = delete(held_votes).where(held_votes.c.vote_id == func.any(free)).returning(*(held_votes.c[n] for n in names))
    rows = [dict(row) for row in uow.execute(gone).mappings()]
    again = [row | {"at": row.pop("cast_at"), "kind": LeafKind.VOTE.value} for row in rows]
    if again:
        uow.execute(insert(pending_entries), sorted(again, key=lambda row: row["vote_id"]))
    return len(again)


def void_held(uow: UnitOfWork, vote_ids: Collection[int], reason: str) -> int:
    """Void the rows of held votes; return how many. The trigger's entry settles them in the log."""
    voided = update(votes).where(votes.c.id.in_(_held(vote_ids)), votes.c.voided_at.is_(None))
    return uow.execute(voided.values(voided_at=CLOCK, void_reason=reason)).rowcount


def _held(vote_ids: Collection[int]) -> Any:  # noqa: ANN401 - a select of SQLAlchemy's
    return select(held_votes.c.vote_id).where(held_votes.c.vote_id == func.any(list(vote_ids)))


def drop_held(uow: UnitOfWork, vote_ids: Collection[int]) -> None:
    """Forget held votes that are settled."""
    if vote_ids:
        uow.execute(delete(held_votes).where(held_votes.c.vote_id == func.any(list(vote_ids))))


def get_head(uow: UnitOfWork, season_id: UUID, *, lock: bool = False) -> LogHead | None:
    """Return the newest signed state of a log."""
    query = select(log_heads).where(log_heads.c.season_id == season_id)
    row = uow.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        return None
    values = dict(row) | {name: bytes(row[name]) for name in ("public_key", "root")}
    return LogHead(**values | {"edge": tuple(map(bytes, row["edge"]))})


def add_head(uow: UnitOfWork, head: LogHead) -> None:
    """Begin a log."""
    uow.execute(insert(log_heads).values(**_columns(head)))


def set_head(uow: UnitOfWork, head: LogHead) -> None:
    """Move the head of a log."""
    uow.execute(update(log_heads).where(log_heads.c.season_id == head.season_id).values(**_columns(head)))


def _columns(head: LogHead) -> dict[str, Any]:
    return {name: getattr(head, name) for name in LogHead.__dataclass_fields__} | {"edge": list(head.edge)}


def add_leaves(
    uow: UnitOfWork, season_id: UUID, first: int, entries: Sequence[bytes], vote_ids: Sequence[int | None]
) -> None:
    """Append leaves. A second sealer that has begun at the same index fails here."""
    values = {"season": season_id, "first": first, "votes": list(vote_ids), "entries": list(entries)}
    uow.execute(_ADD_LEAVES, values)


def add_hashes(uow: UnitOfWork, season_id: UUID, tiles: Sequence[TileHash]) -> None:
    """Keep the hashes of tiles that became full."""
    rows = [{"season": season_id, "level": one.level, "index": one.index, "hash": one.hash} for one in tiles]
    if rows:
        add = "insert into log_hashes (season_id, level, index, hash) values (:season, :level, :index, :hash)"
        uow.execute(text(add), rows)


def keep_checkpoint(uow: UnitOfWork, head: LogHead, *, always: bool = False) -> None:
    """Keep the checkpoint of a head for ever, if none of the last hour is kept."""
    recent = select(log_checkpoints.c.size).where(
        log_checkpoints.c.season_id == head.season_id,
        (log_checkpoints.c.size == head.size)
        | (log_checkpoints.c.at > head.sealed_at - func.make_interval(0, 0, 0, 0, 1)),
    )
    known = recent.where(log_checkpoints.c.size == head.size) if always else recent
    if uow.execute(known.limit(1)).first() is None:
        values = {"season_id": head.season_id, "size": head.size, "at": head.sealed_at, "note": head.checkpoint}
        uow.execute(insert(log_checkpoints).values(**values))


def now(uow: UnitOfWork) -> datetime:
    """Return the time by the database's clock."""
    moment: datetime = uow.execute(select(CLOCK)).scalar_one()
    return moment


def transactions(uow: UnitOfWork) -> tuple[int, int]:
    """Return the oldest transaction that has not ended, and the first one that has not begun."""
    snapshot = func.pg_current_snapshot()
    oldest, coming = func.pg_snapshot_xmin(snapshot), func.pg_snapshot_xmax(snapshot)
    row = uow.execute(select(oldest.label("oldest"), coming.label("coming"))).one()
    return int(row.oldest), int(row.coming)


def forget_voter(uow: UnitOfWork, voter_id: UUID) -> int:
    """Delete what ties a person to their pseudonyms; return in how many seasons."""
    return uow.execute(delete(voter_pseudonyms).where(voter_pseudonyms.c.voter_id == voter_id)).rowcount
