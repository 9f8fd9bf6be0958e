"""What everyone may read of a season's log, from its tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, TextClause, Uuid, bindparam, exists, func, select, text
from sqlalchemy.dialects.postgresql import insert

from anb.db.session import UnitOfWork
from anb.db.tables_votelog import log_checkpoints, log_heads, log_leaves, promise_keys
from anb.votelog.merkle import Span


@dataclass(frozen=True)
class PublishedHead:
    """The newest signed state of a log, as far as readers need it."""

    season_id: UUID
    origin: str
    public_key: bytes
    size: int
    checkpoint: str


@dataclass(frozen=True)
class LeafOfHead:
    """A leaf, and what its proof needs of the head that covers it."""

    entry: bytes
    size: int
    edge: Sequence[bytes]
    checkpoint: str


@dataclass(frozen=True)
class KeptCheckpoint:
    """A checkpoint that is kept for ever."""

    size: int
    at: datetime
    note: str


_HEAD = text("select season_id, origin, public_key, size, checkpoint from log_heads where season_id = :season")
_PROVED = text("""
select entry, size, edge, checkpoint from log_heads join log_leaves using (season_id)
where season_id = :season and index = :index and index < size
""")
# PostgreSQL joins the rows: 256 of them would take this process longer than everything else it does for an answer.
_LEAVES = "from log_leaves where season_id = :season and index >= :first and index < :past"
_BUNDLE = text(f"""
select string_agg(substring(int4send(octet_length(entry)) from 3) || entry, ''::bytea order by index) {_LEAVES}
""")  # noqa: S608 - our own text
_LEAF_HASHES = text(f"select string_agg(sha256('\\x00'::bytea || entry), ''::bytea order by index) {_LEAVES}")
_HASHES = text("""
select string_agg(hash, ''::bytea order by index) from log_hashes
where season_id = :season and level = :level and index >= :first and index < :past
""")
_SPANS = text(f"""
select hashes from (
    select 0 as level, string_agg(sha256('\\x00'::bytea || entry), ''::bytea order by index) as hashes {_LEAVES}
    union all
    select span.level, tile.hashes
    from unnest(cast(:levels as int[]), cast(:firsts as bigint[]), cast(:pasts as bigint[]))
        as span (level, first, past)
    cross join lateral (
        select string_agg(hash, ''::bytea order by index) as hashes from log_hashes
        where season_id = :season and log_hashes.level = span.level and index >= span.first and index < span.past
    ) as tile
) as one
order by level
""")  # noqa: S608 - as above


def find_head(uow: UnitOfWork, season_id: UUID) -> PublishedHead | None:
    """Return the head of a season's log; None before its first leaf."""
    row = uow.execute(_HEAD, {"season": season_id}).one_or_none()
    return None if row is None else PublishedHead(**row._mapping)  # noqa: SLF001 - its documented way to a mapping


def read_bundle(uow: UnitOfWork, season_id: UUID, span: Span) -> bytes:
    """Return leaves, in order, each with its length before it."""
    return _joined(uow, _BUNDLE, season_id, span)


def read_hashes(uow: UnitOfWork, season_id: UUID, span: Span) -> bytes:
    """Return the hashes of leaves or of full tiles, in order."""
    return _joined(uow, _HASHES if span.level else _LEAF_HASHES, season_id, span)


def _joined(uow: UnitOfWork, statement: TextClause, season_id: UUID, span: Span) -> bytes:
    values = {"season": season_id, "level": span.level, "first": span.first, "past": span.past}
    joined: bytes = uow.execute(statement, values).scalar_one()
    return joined


def find_proved(uow: UnitOfWork, season_id: UUID, index: int) -> LeafOfHead | None:
    """Return a leaf and the head that covers it; None if the log does not have it."""
    row = uow.execute(_PROVED, {"season": season_id, "index": index}).one_or_none()
    return None if row is None else LeafOfHead(**row._mapping)  # noqa: SLF001


def list_spans(uow: UnitOfWork, season_id: UUID, spans: Sequence[Span]) -> list[bytes]:
    """Return the hashes of each span, which are of levels 0, 1 and so on."""
    if not spans:
        return []
    leaves, *tiles = spans
    values = {
        "season": season_id, "first": leaves.first, "past": leaves.past, "levels": [span.level for span in tiles],
        "firsts": [span.first for span in tiles], "pasts": [span.past for span in tiles],
    }  # fmt: skip
    return list(uow.execute(_SPANS, values).scalars())


def list_checkpoints(uow: UnitOfWork, season_id: UUID) -> list[KeptCheckpoint]:
    """Return the checkpoints that are kept, the oldest first."""
    row = log_checkpoints.c
    chosen = select(row.size, row.at, row.note).where(row.season_id == season_id).order_by(row.size)
    return [KeptCheckpoint(**found._mapping) for found in uow.execute(chosen)]  # noqa: SLF001


def find_leaf(uow: UnitOfWork, vote_id: int) -> int | None:
    """Return the index of a vote's leaf; None while it has none."""
    return uow.execute(select(log_leaves.c.index).where(log_leaves.c.vote_id == vote_id)).scalar_one_or_none()


def find_leaves(uow: UnitOfWork, vote_ids: Sequence[int]) -> dict[int, int]:
    """Return the index of each vote's leaf, by the vote; those without one are missing."""
    leaf = log_leaves.c
    chosen = select(leaf.vote_id, leaf.index.label("place")).where(leaf.vote_id.in_(vote_ids))
    return {row.vote_id: row.place for row in uow.execute(chosen)}


@dataclass(frozen=True)
class PromiseFacts:
    """What a promise needs to know: the voter's pseudonym, and what is the same for all voters of a season."""

    pseudonym: UUID
    origin: str | None  # the log's name, once it has begun
    is_known: bool  # whether the key of the promise is published

    @property
    def is_settled(self) -> bool:
        """Whether what is the same for all voters will not change any more."""
        return self.is_known and self.origin is not None


_SEASON, _VOTER = bindparam("season", type_=Uuid), bindparam("voter", type_=Uuid)
_KEY = bindparam("public_key", type_=LargeBinary)
_FOR_PROMISE = select(
    func.voter_pseudonym(_SEASON, _VOTER, type_=Uuid).label("pseudonym"),
    select(log_heads.c.origin).where(log_heads.c.season_id == _SEASON).scalar_subquery().label("origin"),
    exists().where(promise_keys.c.public_key == _KEY).label("known"),
)


def find_for_promise(uow: UnitOfWork, season_id: UUID, voter_id: UUID, public_key: bytes) -> PromiseFacts:
    """Return a voter's pseudonym, and the name of the log once it has begun; remember the key of the promise."""
    row = uow.execute(_FOR_PROMISE, {"season": season_id, "voter": voter_id, "public_key": public_key}).one()
    if not row.known:
        uow.execute(insert(promise_keys).values(public_key=public_key).on_conflict_do_nothing())
    return PromiseFacts(row.pseudonym, row.origin, is_known=row.known)


def list_promise_keys(uow: UnitOfWork) -> Sequence[bytes]:
    """Return the public keys that promises were signed with, the oldest first."""
    return uow.execute(select(promise_keys.c.public_key).order_by(promise_keys.c.since)).scalars().all()
