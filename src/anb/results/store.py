"""Frozen results in SQL: written once, read by version; only names are ever erased."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from itertools import starmap
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, delete, func, insert, select, update
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import insert as upsert

from anb.db.paging import Listed, Page, count_of, cut
from anb.db.session import UnitOfWork
from anb.db.tables_accounts import SHOWN_NAME, users
from anb.db.tables_results import result_rows, result_stops, results, results_told
from anb.db.tables_seasons import seasons
from anb.db.tables_votelog import player_tallies
from anb.mail.domain import Recipient
from anb.results.domain import CountedPlayer, FinalPlace, Results, Unfrozen

SETTLING = 0x414E4252  # the advisory lock of the process that closes seasons
STEP = 10_000  # rows of one insert
NOW = func.statement_timestamp()
_SUPERSEDED = func.coalesce(results.c.closed_at != seasons.c.closed_at, True)
_ALL = select(results, seasons.c.slug, seasons.c.name.label("season"), _SUPERSEDED.label("is_superseded")).join(
    seasons, seasons.c.id == results.c.season_id
)
# What was due before the season was reopened was public, and stays so.
_PUBLIC = (results.c.due_at <= NOW) & (~_SUPERSEDED | (results.c.due_at <= seasons.c.reopened_at))
_RESULTS = [field.name for field in fields(Results)]
_PLACE = [result_rows.c[field.name] for field in fields(FinalPlace)]
_NAMES = ", ".join(column.name for column in _PLACE)
# A parameter for each value of 100,000 places took ten times as long.
_ADD_PLACES = sql(f"""
insert into result_rows (result_id, {_NAMES})
select :result, {_NAMES} from json_populate_recordset(null::result_rows, cast(:rows as json))
""")  # noqa: S608 - names of columns


def take_turn(uow: UnitOfWork) -> bool:
    """Say whether this process may close seasons until the transaction ends: one at a time."""
    return bool(uow.execute(sql(f"select pg_try_advisory_xact_lock({SETTLING})")).scalar_one())


def find_unsettled(uow: UnitOfWork, again: int) -> list[UUID]:
    """Return the seasons that have closed and have no results of that close, the earliest first.

    One whose counts differed comes again after so many seconds.
    """
    lately = result_stops.c.found_at > NOW - timedelta(seconds=again)
    stopped = select(result_stops.c.season_id).where(result_stops.c.season_id == seasons.c.id, lately)
    frozen = select(results.c.id).where(results.c.season_id == seasons.c.id, results.c.closed_at == seasons.c.closed_at)
    closed = select(seasons.c.id).where(seasons.c.closed_at <= NOW, ~frozen.exists(), ~stopped.exists())
    return list(uow.execute(closed.order_by(seasons.c.closed_at)).scalars())


def count_unfrozen(uow: UnitOfWork, grace: timedelta) -> Unfrozen:
    """Count the closed seasons whose counts differ, and the others whose results are due for longer than `grace`."""
    due = func.greatest(seasons.c.closed_at, seasons.c.results_at, seasons.c.jury_closes_at)
    stopped = select(result_stops.c.season_id).where(result_stops.c.season_id == seasons.c.id).exists()
    frozen = select(results.c.id).where(results.c.season_id == seasons.c.id, results.c.closed_at == seasons.c.closed_at)
    late = func.count().filter(~stopped, due <= NOW - grace)
    counts = (func.count().filter(stopped).label("stopped"), late.label("late"))
    query = select(*counts).select_from(seasons).where(seasons.c.closed_at <= NOW, ~frozen.exists())
    row = uow.execute(query).one()
    return Unfrozen(row.stopped, row.late)


def read_counted(uow: UnitOfWork, season_id: UUID) -> list[CountedPlayer]:
    """Return the players of a season as they were counted.

    The accounts are locked against an erasure until the transaction ends: it comes before, or finds these results.
    """
    query = (
        select(
            player_tallies.c.player_id,
            player_tallies.c.city,
            player_tallies.c.city_key,
            player_tallies.c.votes,
            player_tallies.c.jury_votes,
            player_tallies.c.last_index.label("reached_index"),
            case((users.c.erased_at.is_(None), SHOWN_NAME)).label("name"),
            case((users.c.erased_at.is_(None), users.c.username)).label("username"),
        )
        .join(users, users.c.id == player_tallies.c.player_id)
        .where(player_tallies.c.season_id == season_id, player_tallies.c.clips > 0)
        .with_for_update(key_share=True, read=True, of=users)
    )
    return list(starmap(CountedPlayer, uow.execute(query).all()))


def is_frozen(uow: UnitOfWork, season_id: UUID, closed_at: datetime) -> bool:
    """Say whether the results of a close are frozen."""
    known = select(results.c.id).where(results.c.season_id == season_id, results.c.closed_at == closed_at)
    return uow.execute(known).first() is not None


def next_version(uow: UnitOfWork, season_id: UUID) -> int:
    """Return the number of the next version."""
    last = select(func.coalesce(func.max(results.c.version), 0)).where(results.c.season_id == season_id)
    return int(uow.execute(last).scalar_one()) + 1


def add(uow: UnitOfWork, found: Results, places: Sequence[FinalPlace]) -> None:
    """Write a version and its places."""
    beside = {"slug", "season", "is_superseded"}
    uow.execute(insert(results).values({name: getattr(found, name) for name in _RESULTS if name not in beside}))
    for first in range(0, len(places), STEP):
        rows = json.dumps([vars(place) for place in places[first : first + STEP]], default=_as_text)
        uow.execute(_ADD_PLACES, {"result": found.id, "rows": rows})


def find(uow: UnitOfWork, season_id: UUID, version: int | None, *, early: bool) -> Results | None:
    """Return a version, the latest by default; only a public one unless `early`."""
    query = _ALL.where(results.c.season_id == season_id).order_by(results.c.version.desc()).limit(1)
    query = query if version is None else query.where(results.c.version == version)
    row = uow.execute(query if early else query.where(_PUBLIC)).one_or_none()
    return None if row is None else _results(row)


def list_versions(uow: UnitOfWork, season_id: UUID, *, early: bool) -> list[Results]:
    """Return the versions of a season's results, the latest first; only public ones unless `early`."""
    query = _ALL.where(results.c.season_id == season_id).order_by(results.c.version.desc())
    return [_results(row) for row in uow.execute(query if early else query.where(_PUBLIC))]


def latest_public(uow: UnitOfWork) -> Results | None:
    """Return the public results of the season that closed last."""
    row = uow.execute(_ALL.where(_PUBLIC).order_by(results.c.closed_at.desc()).limit(1)).one_or_none()
    return None if row is None else _results(row)


def list_public(uow: UnitOfWork, most: int) -> list[Results]:
    """Return the newest public results, of any season."""
    return [_results(row) for row in uow.execute(_ALL.where(_PUBLIC).order_by(results.c.frozen_at.desc()).limit(most))]


def list_places(uow: UnitOfWork, result_id: UUID, page: Page, city_key: str | None = None) -> Listed[FinalPlace]:
    """Return a page of places, of the country or of a city."""
    wanted = result_rows.c.result_id == result_id
    wanted = wanted if city_key is None else wanted & (result_rows.c.city_key == city_key)
    query, after = _places(wanted), page.key(count_of)
    if after is not None:
        query = query.where(result_rows.c.position > after[0])
    rows = [_place(row) for row in uow.execute(query.offset(page.skip).limit(page.limit + 1))]
    total = uow.execute(select(func.count()).select_from(result_rows).where(wanted)).scalar_one()
    return cut(rows, total, page, lambda place: (place.position,))


def all_places(uow: UnitOfWork, result_id: UUID) -> list[FinalPlace]:
    """Return every place."""
    return [_place(row) for row in uow.execute(_places(result_rows.c.result_id == result_id)).all()]


def list_winners(uow: UnitOfWork, result_id: UUID) -> list[FinalPlace]:
    """Return the winners, city by city."""
    wanted = and_(result_rows.c.result_id == result_id, result_rows.c.is_winner)
    query = _places(wanted).order_by(None).order_by(result_rows.c.city_key, result_rows.c.city_position)
    return [_place(row) for row in uow.execute(query)]


def erase_names(uow: UnitOfWork, player_id: UUID) -> int:
    """Remove a person's names and their salts; the places stay. Return in how many versions."""
    theirs = (result_rows.c.player_id == player_id) & result_rows.c.salt.is_not(None)
    return uow.execute(update(result_rows).where(theirs).values(salt=None, name=None, username=None)).rowcount


def places_of(uow: UnitOfWork, player_id: UUID) -> list[dict[str, Any]]:
    """Return what is kept of a person in results, oldest first."""
    query = (
        select(seasons.c.name.label("season"), results.c.version, results.c.frozen_at, *_PLACE)
        .join(results, results.c.id == result_rows.c.result_id)
        .join(seasons, seasons.c.id == results.c.season_id)
        .where(result_rows.c.player_id == player_id)
        .order_by(results.c.frozen_at)
    )
    binary = {"salt", "commitment", "city_key", "player_id"}
    return [{name: value for name, value in row._mapping.items() if name not in binary} for row in uow.execute(query)]  # noqa: SLF001


def note_stop(uow: UnitOfWork, season_id: UUID, differences: Sequence[str]) -> None:
    """Note that a season's results cannot be frozen, and why."""
    values = {"found_at": func.clock_timestamp(), "differences": list(differences)}
    noted = upsert(result_stops).values(season_id=season_id, **values)
    uow.execute(noted.on_conflict_do_update(index_elements=["season_id"], set_=values))


def end_stop(uow: UnitOfWork, season_id: UUID) -> None:
    """Forget that a season's results could not be frozen."""
    uow.execute(delete(result_stops).where(result_stops.c.season_id == season_id))


def find_stop(uow: UnitOfWork, season_id: UUID) -> list[str]:
    """Return the differences for which nothing is frozen."""
    known = select(result_stops.c.differences).where(result_stops.c.season_id == season_id)
    return list(uow.execute(known).scalar_one_or_none() or [])


def find_untold(uow: UnitOfWork, within: timedelta) -> Results | None:
    """Return current public results that became due lately and whose players were not told."""
    told = select(results_told.c.season_id).where(results_told.c.season_id == results.c.season_id)
    untold = (_PUBLIC, ~_SUPERSEDED, results.c.due_at > NOW - within, ~told.exists())
    row = uow.execute(_ALL.where(*untold).order_by(results.c.due_at).limit(1)).one_or_none()
    return None if row is None else _results(row)


def list_players(uow: UnitOfWork, result_id: UUID, last: int, limit: int) -> list[tuple[FinalPlace, Recipient | None]]:
    """Return places in order, each with its player if that person has a confirmed e-mail."""
    query = (
        select(
            *_PLACE, users.c.email, users.c.first_name, users.c.language, users.c.email_confirmed_at, users.c.erased_at
        )
        .join(users, users.c.id == result_rows.c.player_id)
        .where(result_rows.c.result_id == result_id, result_rows.c.position > last)
        .order_by(result_rows.c.position)
        .limit(limit)
    )
    return [(_place(row), _recipient(row)) for row in uow.execute(query)]


def set_told(uow: UnitOfWork, season_id: UUID) -> None:
    """Note that all players of a season were told."""
    uow.execute(upsert(results_told).values(season_id=season_id).on_conflict_do_nothing())


def _recipient(row: Row[Any]) -> Recipient | None:
    if row.email_confirmed_at is None or row.erased_at is not None:
        return None
    return Recipient(row.player_id, row.email, row.first_name, row.language)


def _as_text(value: UUID | bytes) -> str:
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def _places(wanted: ColumnElement[bool]) -> Select[Any]:
    return select(*_PLACE).where(wanted).order_by(result_rows.c.position)


def _place(row: Row[Any]) -> FinalPlace:
    return FinalPlace(*row[: len(_PLACE)])


def _results(row: Row[Any]) -> Results:
    return Results(**{name: row._mapping[name] for name in _RESULTS})  # noqa: SLF001 - as above
