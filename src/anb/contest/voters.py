"""Voters: what they voted for, and those who may not vote again, because they erased the account they voted with."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, case, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from anb.contest import promised, season_store, store
from anb.contest.domain import OwnVote, VoidReason
from anb.db.paging import Listed, Page, count_of, cut
from anb.db.session import UnitOfWork
from anb.db.tables import videos, votes
from anb.db.tables_accounts import SHOWN_NAME, users
from anb.db.tables_contest import barred_voters
from anb.db.tables_seasons import seasons
from anb.ports import Ports
from anb.settings import Settings
from anb.votelog import publishing, reading

# A season that closed can be reopened, and no person may vote in it a second time then.
KEPT_DAYS = 30
_MAY_REOPEN = seasons.c.closed_at.is_(None) | (seasons.c.closed_at > season_store.NOW - timedelta(days=KEPT_DAYS))


def mark_of(ports: Ports, email: str) -> str:
    """Return the keyed hash of an e-mail by which its owner is recognized in another account."""
    return ports.tokens.sign(f"voter:{email}")


def bar(uow: UnitOfWork, voter: UUID, mark: str) -> None:
    """Let no account with this mark vote in the seasons in which this person has voted and others may vote yet."""
    voted = _has(votes.c.voter_id == voter, votes.c.season_id == seasons.c.id)
    where = select(seasons.c.id, literal(mark)).where(season_store.BEGUN, _MAY_REOPEN, voted)
    uow.execute(insert(barred_voters).from_select(["season_id", "mark"], where).on_conflict_do_nothing())


def end_bars(uow: UnitOfWork) -> None:
    """Delete the marks of seasons that closed long ago."""
    over = select(seasons.c.id).where(~_MAY_REOPEN)
    uow.execute(delete(barred_voters).where(barred_voters.c.season_id.in_(over)))


def count_today(uow: UnitOfWork, voter: UUID, season_id: UUID) -> int:
    """Count a person's votes in a season since midnight in Colombia; a voided vote was cast too."""
    here = "America/Bogota"
    midnight = func.timezone(here, func.date_trunc("day", func.timezone(here, season_store.NOW)))
    today = (votes.c.voter_id == voter) & (votes.c.season_id == season_id) & (votes.c.cast_at >= midnight)
    return int(uow.execute(select(func.count()).select_from(votes).where(today)).scalar_one())


def has_ever_voted(uow: UnitOfWork, voter: UUID) -> bool:
    """Say whether a person has voted in any season."""
    return _has_voted(uow, votes.c.voter_id == voter)


def has_votes(uow: UnitOfWork, season_id: UUID) -> bool:
    """Say whether anybody has voted in a season."""
    return _has_voted(uow, votes.c.season_id == season_id)


def list_votes(uow: UnitOfWork, voter: UUID, page: Page) -> Listed[OwnVote]:
    """Return a person's votes, newest first; of a clip that is not public any more, only that it existed."""
    mine = votes.c.voter_id == voter
    query = (
        select(
            votes.c.id,
            votes.c.video_id,
            case((store.PUBLIC, videos.c.title)).label("title"),
            case((store.PUBLIC, SHOWN_NAME)).label("player"),
            seasons.c.name.label("season"),
            votes.c.jury,
            votes.c.cast_at,
            votes.c.void_reason,
        )
        .join(videos, videos.c.id == votes.c.video_id)
        .join(users, users.c.id == videos.c.owner_id)
        .join(seasons, seasons.c.id == votes.c.season_id)
        .where(mine)
        .order_by(votes.c.id.desc())
    )
    after = page.key(count_of)
    if after is not None:
        query = query.where(votes.c.id < after[0])
    found = uow.execute(query.offset(page.skip).limit(page.limit + 1)).all()
    leaves = reading.find_leaves(uow, [row.id for row in found])
    rows = [_own(row, leaves.get(row.id)) for row in found]
    total = uow.execute(select(func.count()).select_from(votes).where(mine)).scalar_one()
    return cut(rows, total, page, lambda vote: (vote.id,))


def promise(uow: UnitOfWork, settings: Settings, voter: UUID, video_id: UUID) -> str:
    """Return the signed promise of a person's vote. Raises NotInLog if they have not voted for the video."""
    return publishing.promise(uow, settings, promised.find(uow, voter, video_id))


def prove(uow: UnitOfWork, voter: UUID, video_id: UUID) -> str:
    """Return the receipt of a person's vote. Raises NotInLog while the log does not have it."""
    return publishing.prove_vote(uow, promised.find(uow, voter, video_id))


def _own(row: Row[Any], leaf: int | None) -> OwnVote:
    reason = None if row.void_reason is None else VoidReason(row.void_reason)
    return OwnVote(**{**row._mapping, "void_reason": reason, "leaf": leaf})  # noqa: SLF001 - SQLAlchemy's public name for it


def last_close(uow: UnitOfWork, before: datetime) -> datetime | None:
    """Return when the last season closed that closed before a moment; None if none did."""
    query = select(func.max(seasons.c.closed_at)).where(seasons.c.closed_at < before)
    found: datetime | None = uow.execute(query).scalar_one()
    return found


def _has_voted(uow: UnitOfWork, *which: ColumnElement[bool]) -> bool:
    return uow.execute(select(votes.c.id).where(*which).limit(1)).first() is not None


def _has(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(votes.c.id).where(*which).exists()
