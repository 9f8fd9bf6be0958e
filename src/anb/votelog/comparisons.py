"""Which counts were compared, when and with what result; and how old the oldest entry is that awaits a log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, delete, extract, func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from anb.db.session import UnitOfWork
from anb.db.tables_seasons import seasons
from anb.db.tables_votelog import count_comparisons as known
from anb.db.tables_votelog import log_checkpoints, log_heads

MOST_NOTED = 20  # differences of a season; the log has all
CLOCK = func.clock_timestamp()
_DIFFERS = func.coalesce(func.cardinality(known.c.differences), 0) > 0
_GOES_ON = seasons.c.closed_at.is_(None) | log_heads.c.closed_at.is_distinct_from(seasons.c.closed_at)
# A released vote keeps the moment at which it was cast: an entry has waited since the last seal at most.
_WAITING = text("""
select extract(epoch from clock_timestamp() - min(greatest(oldest.at, log_heads.sealed_at)))
from seasons
cross join lateral (select at from pending_entries where season_id = seasons.id order by id limit 1) oldest
left join log_heads on log_heads.season_id = seasons.id
""")


class Comparison(NamedTuple):
    """The last comparison of a season's rows, tallies and log."""

    compared_at: datetime
    differences: list[str]


def find(uow: UnitOfWork, season_id: UUID) -> Comparison | None:
    """Return the last comparison of a season."""
    row = uow.execute(select(known.c.compared_at, known.c.differences).where(known.c.season_id == season_id)).first()
    return None if row is None else Comparison(row.compared_at, row.differences)


def list_due(uow: UnitOfWork, seconds: float) -> list[UUID]:
    """Return the seasons that were compared so long ago: those whose logs have not ended, and those that differed."""
    late = known.c.compared_at.is_(None) | (
        known.c.compared_at <= CLOCK - func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    )
    query = _logs(seasons.c.id).where(_GOES_ON | _DIFFERS, late).order_by(seasons.c.opened_at)
    return list(uow.execute(query).scalars())


def note(uow: UnitOfWork, season_id: UUID, differences: Sequence[str]) -> None:
    """Note the result of a comparison."""
    values = {"compared_at": CLOCK, "differences": list(differences[:MOST_NOTED])}
    noted = upsert(known).values(season_id=season_id, **values)
    uow.execute(noted.on_conflict_do_update(index_elements=["season_id"], set_=values))


def forget(uow: UnitOfWork, season_id: UUID) -> None:
    """Forget a comparison, so that the season is compared again soon."""
    uow.execute(delete(known).where(known.c.season_id == season_id))


def count_differing(uow: UnitOfWork) -> int:
    """Count the seasons that differed when they were last compared."""
    return int(uow.execute(select(func.count()).select_from(known).where(_DIFFERS)).scalar_one())


def compared_seconds(uow: UnitOfWork) -> float | None:
    """Return the seconds since the log was compared that waits longest; None when every log has ended."""
    begun = select(func.min(log_checkpoints.c.at)).where(log_checkpoints.c.season_id == seasons.c.id).scalar_subquery()
    since = func.min(func.coalesce(known.c.compared_at, begun))
    return _seconds(uow.execute(_logs(extract("epoch", CLOCK - since)).where(_GOES_ON)).scalar())


def waiting_seconds(uow: UnitOfWork) -> float | None:
    """Return how long the oldest entry has awaited its log; None when none does."""
    return _seconds(uow.execute(_WAITING).scalar())


def _logs(*columns: Any) -> Select[Any]:  # noqa: ANN401 - columns of SQLAlchemy's
    both = log_heads.join(seasons, seasons.c.id == log_heads.c.season_id)
    return select(*columns).select_from(both.outerjoin(known, known.c.season_id == seasons.c.id))


def _seconds(found: Any) -> float | None:  # noqa: ANN401 - a number of PostgreSQL's, or null
    return None if found is None else max(0.0, float(found))
