"""How many clips were edited each day in Colombia, how long they waited and how long it took, for a picture."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import text

from anb.db.session import UnitOfWork

_DAYS = text("""
with ended as (
    select (finished_at at time zone 'America/Bogota')::date as day, count(*) as edits,
        avg(extract(epoch from started_at - created_at)) as waited,
        avg(extract(epoch from finished_at - started_at)) as took
    from jobs where state = 'done' and finished_at > clock_timestamp() - make_interval(days => :days + 1) group by 1
), today as (select (clock_timestamp() at time zone 'America/Bogota')::date as day)
select each.day::date, coalesce(edits, 0) as edits, waited, took
from today, generate_series(today.day - :days + 1, today.day, interval '1 day') as each (day)
left join ended on ended.day = each.day::date order by 1
""")


class EditDay(NamedTuple):
    """The edits that ended on a day, with means in seconds; None without any."""

    day: date
    edits: int
    waited: float | None  # from the upload to the beginning
    took: float | None


def list_days(uow: UnitOfWork, days: int) -> list[EditDay]:
    """Return the last days, the oldest first. It reads the jobs that ended in them, by their index."""
    return [
        EditDay(row.day, row.edits, _seconds(row.waited), _seconds(row.took))
        for row in uow.execute(_DAYS, {"days": days})
    ]


def _seconds(mean: Decimal | None) -> float | None:
    return None if mean is None else float(mean)
