"""The players who are told that a season closes, and whether all were."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from anb.contest import season_store, store
from anb.contest.domain import Season
from anb.db.session import UnitOfWork
from anb.db.tables import videos
from anb.db.tables_accounts import users
from anb.db.tables_seasons import seasons
from anb.mail.domain import Recipient

BEFORE = timedelta(days=1)


def find_closing(uow: UnitOfWork) -> Season | None:
    """Return the season that closes within a day, unless its players were told."""
    season = season_store.current(uow)
    if season is None or season.closed_at is None or season.closed_at - season.now > BEFORE:
        return None
    told = uow.execute(select(seasons.c.reminded_at).where(seasons.c.id == season.id)).scalar_one()
    return season if told is None else None


def list_players(uow: UnitOfWork, season_id: UUID, last: UUID, limit: int) -> list[tuple[UUID, Recipient]]:
    """Return players with a public clip in a season and a confirmed e-mail, in the order of their ids."""
    plays = select(videos.c.id).where(videos.c.owner_id == users.c.id, videos.c.season_id == season_id, store.PUBLIC)
    query = (
        select(users.c.id, users.c.email, users.c.first_name, users.c.language)
        .where(users.c.id > last, users.c.email_confirmed_at.is_not(None), users.c.erased_at.is_(None), plays.exists())
        .order_by(users.c.id)
        .limit(limit)
    )
    return [(row.id, Recipient(row.id, row.email, row.first_name, row.language)) for row in uow.execute(query)]


def set_reminded(uow: UnitOfWork, season_id: UUID) -> None:
    """Note that all players were told."""
    uow.execute(update(seasons).where(seasons.c.id == season_id).values(reminded_at=func.now()))
