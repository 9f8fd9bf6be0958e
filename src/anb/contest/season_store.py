"""The rows of seasons. Every statement asks the database's clock itself which season and which phase it is."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, func, insert, literal, or_, select, update
from sqlalchemy import text as sql

from anb.contest.domain import CityRule, Season, SeasonCalendar, SeasonRules
from anb.contest.jury_rules import JuryRules
from anb.db.session import UnitOfWork
from anb.db.tables_jury import jury_scores
from anb.db.tables_results import results
from anb.db.tables_seasons import seasons

NOW = func.statement_timestamp()  # not now(): a transaction may have waited
CLOCK = func.clock_timestamp()  # not the statement's time either, where it waits for a lock
_BESIDE = {"reminded_at", "reopened_at"}
COLUMNS = (*(column for column in seasons.c if column.name not in _BESIDE), NOW.label("now"))
_ALL = select(*COLUMNS)
BEGUN = seasons.c.opened_at <= NOW
GOES_ON = seasons.c.closed_at.is_(None) | (seasons.c.closed_at > NOW)
ENDED = seasons.c.closed_at <= NOW
# The season that lists show unless told otherwise: the present one, and between two, the last one.
LATEST = select(seasons.c.id).where(BEGUN).order_by(seasons.c.opened_at.desc()).limit(1).scalar_subquery()
CHANGES = 0x414E4253  # the advisory lock of commands that add or move a season, and of clips that find none


def lock(uow: UnitOfWork) -> None:
    """Let one transaction at a time add or move seasons."""
    uow.execute(sql(f"select pg_advisory_xact_lock({CHANGES})"))


def current(uow: UnitOfWork) -> Season | None:
    """Return the season that has begun and not closed."""
    return _one(uow, _ALL.where(BEGUN, GOES_ON))


def get(uow: UnitOfWork, season_id: UUID) -> Season | None:
    """Return a season by id."""
    return _one(uow, _ALL.where(seasons.c.id == season_id))


def find(uow: UnitOfWork, slug: str) -> Season | None:
    """Return a season by its slug."""
    return _one(uow, _ALL.where(seasons.c.slug == slug))


def list_all(uow: UnitOfWork) -> list[Season]:
    """Return every season, the latest first."""
    return [read(row) for row in uow.execute(_ALL.order_by(seasons.c.opened_at.desc()))]


def list_begun(uow: UnitOfWork) -> list[Season]:
    """Return the seasons that have begun, newest first."""
    return [read(row) for row in uow.execute(_ALL.where(BEGUN).order_by(seasons.c.opened_at.desc()))]


def latest(uow: UnitOfWork) -> Season | None:
    """Return the season that lists show unless told otherwise."""
    return _one(uow, _ALL.where(seasons.c.id == LATEST))


def upcoming(uow: UnitOfWork) -> Season | None:
    """Return the next season that has not begun."""
    return _one(uow, _ALL.where(seasons.c.opened_at > NOW).order_by(seasons.c.opened_at).limit(1))


def is_any(uow: UnitOfWork) -> bool:
    """Say whether any season exists."""
    return uow.execute(select(seasons.c.id).limit(1)).first() is not None


def slugs_like(uow: UnitOfWork, slug: str) -> set[str]:
    """Return the slugs that begin with one."""
    return set(uow.execute(select(seasons.c.slug).where(seasons.c.slug.startswith(slug, autoescape=True))).scalars())


def overlapping(uow: UnitOfWork, calendar: SeasonCalendar, but: UUID | None = None) -> Season | None:
    """Return another season that takes place within a calendar."""
    opens = CLOCK if calendar.opened_at is None else literal(calendar.opened_at)
    wanted = func.tstzrange(opens, calendar.closed_at)
    meets = func.tstzrange(seasons.c.opened_at, seasons.c.closed_at).op("&&")(wanted)
    others = _ALL.where(meets) if but is None else _ALL.where(meets, seasons.c.id != but)
    return _one(uow, others.order_by(seasons.c.opened_at).limit(1))


def add(uow: UnitOfWork, slug: str, name: str, rules: SeasonRules, calendar: SeasonCalendar) -> Season:
    """Add a season; without an opening, it opens at this moment."""
    moments = asdict(calendar) | ({} if calendar.opened_at else {"opened_at": CLOCK})
    adding = insert(seasons).values(slug=slug, name=name, **_columns(rules), **moments)
    return read(uow.execute(adding.returning(*COLUMNS)).one())


def close(uow: UnitOfWork, season_id: UUID) -> None:
    """Close a season at this moment.

    The row is locked first, and then the clock is read: every vote of the season is committed by then, or not counted.
    """
    hold(uow, season_id)
    moment = uow.execute(select(CLOCK)).scalar_one()
    dated = [seasons.c[name] for name in ("uploads_close_at", "votes_open_at")]
    earlier = {each.name: case((each > moment, moment), else_=each) for each in dated}
    uow.execute(update(seasons).where(seasons.c.id == season_id).values(closed_at=moment, **earlier))


def hold(uow: UnitOfWork, season_id: UUID) -> None:
    """Let no vote be cast in a season until the transaction ends."""
    uow.execute(select(seasons.c.id).where(seasons.c.id == season_id).with_for_update())


def change(uow: UnitOfWork, season_id: UUID, values: Mapping[str, Any]) -> None:
    """Write columns of a season, while no vote is cast."""
    hold(uow, season_id)
    uow.execute(update(seasons).where(seasons.c.id == season_id).values(values))


def has_scores(uow: UnitOfWork, season_id: UUID) -> bool:
    """Say whether any juror has scored a clip of a season."""
    scored = select(jury_scores.c.video_id).where(jury_scores.c.season_id == season_id).limit(1)
    return uow.execute(scored).first() is not None


def move(uow: UnitOfWork, season_id: UUID, calendar: SeasonCalendar) -> None:
    """Give a season another calendar."""
    change(uow, season_id, asdict(calendar))


def reopen(uow: UnitOfWork, season_id: UUID) -> None:
    """Note that a season is reopened at this moment."""
    uow.execute(update(seasons).where(seasons.c.id == season_id).values(reopened_at=CLOCK))


def rule(uow: UnitOfWork, season_id: UUID, rules: SeasonRules) -> None:
    """Give a season other rules."""
    change(uow, season_id, _columns(rules))


def frozen() -> Select[Any]:
    """Return the seasons whose results are frozen: what was counted in them changes only once they are reopened."""
    close = (results.c.season_id == seasons.c.id) & (results.c.closed_at == seasons.c.closed_at)
    return select(seasons.c.id).join(results, close)


def is_frozen(uow: UnitOfWork, season_id: UUID) -> bool:
    """Say whether the results of a season's present close are frozen."""
    return uow.execute(frozen().where(seasons.c.id == season_id)).first() is not None


def takes_votes() -> ColumnElement[bool]:
    """Return the condition that the votes of a season are open, by the clock at this very moment."""
    begun = func.coalesce(seasons.c.votes_open_at, seasons.c.opened_at) <= CLOCK
    return begun & or_(seasons.c.closed_at.is_(None), seasons.c.closed_at > CLOCK)


def _columns(rules: SeasonRules) -> dict[str, Any]:
    """Return the columns of the rules; the others of a whole season are not rules."""
    values = {name: getattr(rules, name) for name in SeasonRules.__dataclass_fields__}
    cities = None if rules.cities is None else [[city.name, *city.spellings] for city in rules.cities]
    return values | {"cities": cities, "jury": rules.jury and rules.jury.kept()}


def _one(uow: UnitOfWork, query: Select[Any]) -> Season | None:
    row = uow.execute(query).one_or_none()
    return None if row is None else read(row)


def read(row: Row[Any], *but: str) -> Season:
    """Return the season of a row, which may have columns of other tables."""
    own = {name: value for name, value in row._mapping.items() if name not in but}  # noqa: SLF001 - SQLAlchemy's public name for it
    cities = None if row.cities is None else tuple(CityRule(name, tuple(others)) for name, *others in row.cities)
    jury = None if row.jury is None else JuryRules.read(row.jury)
    return Season(**{**own, "cities": cities, "jury": jury})
