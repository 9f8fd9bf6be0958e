"""By how much the log of a season grew each day in Colombia, for a picture."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from anb.db.session import UnitOfWork

# The size at the end of a day is that of its last kept checkpoint, one an hour; today's is that of the head.
_DAYS = text("""
with today as (select (clock_timestamp() at time zone 'America/Bogota')::date as day),
last as (
    select least(today.day, (seasons.closed_at at time zone 'America/Bogota')::date) as day
    from today, seasons where seasons.id = :season_id
), sizes as (
    select each.day::date as day, coalesce(case when each.day = today.day then (
        select size from log_heads where season_id = :season_id
    ) else (
        select size from log_checkpoints
        where season_id = :season_id and at < (each.day + interval '1 day') at time zone 'America/Bogota'
        order by size desc limit 1
    ) end, 0) as size
    from today, last, generate_series(
        cast(last.day - cast(:days as int) as timestamp), cast(last.day as timestamp), interval '1 day'
    ) as each (day)
)
select day, size - lag(size) over (order by day) as entries from sizes order by day offset 1
""")


class LogDay(NamedTuple):
    """How many entries the log got on a day."""

    day: date
    entries: int


def list_days(uow: UnitOfWork, season_id: UUID, days: int) -> list[LogDay]:
    """Return the last days of a season, the oldest first. It reads its head and kept checkpoints, and no entry."""
    return [LogDay._make(row) for row in uow.execute(_DAYS, {"season_id": season_id, "days": days})]
