"""What everyone may read of a season's log, from its tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, Uuid, bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from anb.db.session import UnitOfWork
from anb.db.tables_votelog import log_checkpoints, log_hashes, log_heads, log_leaves, promise_keys


@dataclass(frozen=True)
class PublishedHead:
    """The newest signed state of a log, as far as readers need it."""

    season_id: UUID
    origin: str
    public_key: bytes
    size: int
    checkpoint: str


@dataclass(frozen=True)
class KeptCheckpoint:
    """A checkpoint that is kept for ever."""

    size: int
    at: datetime
    note: str


def find_head(uow: UnitOfWork, season_id: UUID) -> PublishedHead | None:
    """Return the head of a season's log; None before its first leaf."""
    names = ("season_id", "origin", "public_key", "size", "checkpoint")
    columns = [log_heads.c[name] for name in names]
    row = uow.execute(select(*columns).where(log_heads.c.season_id == season_id)).one_or_none()
    return None if row is None else PublishedHead(**row._mapping)  # noqa: SLF001 - its documented way to a mapping


def list_entries(uow: UnitOfWork, season_id: UUID, first: int, count: int) -> Sequence[bytes]:
    """Return leaves, in order."""
    leaf = log_leaves.c
    chosen = select(leaf.entry).where(leaf.season_id == season_id, leaf.index >= first, leaf.index < first + count)
    return uow.execute(chosen.order_by(leaf.index)).scalars().all()


def list_hashes(uow: UnitOfWork, season_id: UUID, level: int, first: int, count: int) -> Sequence[bytes]:
    """Return hashes of full tiles, in order; `level` is at least 1."""
    row = log_hashes.c
    chosen = select(row.hash).where(
        row.season_id == season_id, row.level == level, row.index >= first, row.index < first + count
    )
    return uow.execute(chosen.order_by(row.index)).scalars().all()


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
