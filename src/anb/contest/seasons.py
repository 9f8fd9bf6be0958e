"""The operations on seasons: open, schedule, change, close, reopen, and the cities that take part."""

import json
import re
from dataclasses import replace
from datetime import datetime
from functools import partial

from anb.accounts.domain import fold
from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget, Detail, TargetKind
from anb.contest import season_store as store
from anb.contest import voters
from anb.contest.calendars import ResultsFrozen, check, check_begun, check_closed
from anb.contest.domain import (
    ASKS_NOTHING,
    CityRule,
    InvalidCalendar,
    ReasonNeeded,
    Season,
    SeasonCalendar,
    SeasonClosed,
    SeasonNotClosed,
    SeasonNotFound,
    SeasonOpenAlready,
    SeasonRules,
    SeasonsOverlap,
)
from anb.db.session import UnitOfWork
from anb.logs import record
from anb.videos import entry

OPEN_END = SeasonCalendar()
SLUG_LENGTH = 60


def open_season(uow: UnitOfWork, by: AuditActor, name: str, rules: SeasonRules = ASKS_NOTHING) -> Season:
    """Open a season at this moment, without an end. Raises SeasonOpenAlready, SeasonsOverlap."""
    season = _add(uow, name, rules, OPEN_END)
    uow.after_commit(partial(record, "contest.season.opened", season_id=season.id))
    audit.record(uow, by, Act.SEASON_OPENED, _target(season), details={"name": name} | _ruled(rules))
    return season


def schedule(uow: UnitOfWork, by: AuditActor, name: str, rules: SeasonRules, calendar: SeasonCalendar) -> Season:
    """Add a season whose phases begin by the clock. Raises InvalidCalendar, SeasonOpenAlready, SeasonsOverlap."""
    check(calendar)
    season = _add(uow, name, rules, calendar)
    uow.after_commit(partial(record, "contest.season.scheduled", account_id=by.account_id, season_id=season.id))
    details = {"name": name} | _ruled(rules) | _moved(season)
    audit.record(uow, by, Act.SEASON_SCHEDULED, _target(season), details=details)
    return season


def close_season(uow: UnitOfWork, by: AuditActor, reason: str = "", slug: str | None = None) -> Season:
    """Close the season at this moment: votes no longer count. With a slug, only if it is that one.

    Raises SeasonNotFound, SeasonClosed.
    """
    store.lock(uow)
    season = store.current(uow)
    if season is None or (slug is not None and show(uow, slug).id != season.id):
        raise SeasonClosed
    store.close(uow, season.id)
    uow.after_commit(partial(record, "contest.season.closed", season_id=season.id))
    audit.record(uow, by, Act.SEASON_CLOSED, _target(season), reason)
    return show(uow, season.slug)


def current_season(uow: UnitOfWork) -> Season | None:
    """Return the season that has begun and not closed."""
    return store.current(uow)


def upcoming(uow: UnitOfWork) -> Season | None:
    """Return the next season that has not begun."""
    return store.upcoming(uow)


def presented(uow: UnitOfWork) -> Season | None:
    """Return the season that people can take part in: the present one, else the next; else the last one."""
    return store.current(uow) or store.upcoming(uow) or store.latest(uow)


def list_begun(uow: UnitOfWork) -> list[Season]:
    """Return the seasons whose lists can be read, the latest first."""
    return store.list_begun(uow)


def show(uow: UnitOfWork, slug: str) -> Season:
    """Return a season. Raises SeasonNotFound."""
    season = store.find(uow, slug)
    if season is None:
        raise SeasonNotFound(slug=slug)
    return season


def list_seasons(uow: UnitOfWork) -> list[Season]:
    """Return every season, the latest first."""
    return store.list_all(uow)


def open_first_season(uow: UnitOfWork, by: AuditActor, name: str) -> Season | None:
    """Open the first season ever, as on a new machine; None if a season existed before."""
    return None if store.is_any(uow) else open_season(uow, by, name)


def reschedule(uow: UnitOfWork, by: AuditActor, slug: str, calendar: SeasonCalendar, reason: str = "") -> Season:
    """Give a season another calendar; what has begun stays begun.

    After its close, the jury's close and the results can still be moved, until the results are frozen.
    Raises SeasonNotFound, SeasonClosed, ResultsFrozen, InvalidCalendar, SeasonsOverlap, ReasonNeeded.
    """
    season = _changing(uow, slug, reason)
    wanted = calendar if calendar.opened_at else replace(calendar, opened_at=season.opened_at)
    check(wanted)
    (check_closed if season.is_closed else check_begun)(season, wanted)
    if store.is_frozen(uow, season.id):
        raise ResultsFrozen(season=season.name)
    _move(uow, season, wanted)
    uow.after_commit(partial(record, "contest.season.rescheduled", account_id=by.account_id, season_id=season.id))
    season = show(uow, slug)
    audit.record(uow, by, Act.SEASON_RESCHEDULED, _target(season), reason, _moved(season))
    return season


def change_rules(uow: UnitOfWork, by: AuditActor, slug: str, rules: SeasonRules, reason: str = "") -> Season:
    """Give a season other rules. Raises SeasonNotFound, ReasonNeeded."""
    season = _changing(uow, slug, reason)
    store.rule(uow, season.id, rules)
    uow.after_commit(partial(record, "contest.season.ruled", account_id=by.account_id, season_id=season.id))
    season = show(uow, slug)
    audit.record(uow, by, Act.SEASON_RULED, _target(season), reason, _ruled(rules))
    return season


def reopen(uow: UnitOfWork, by: AuditActor, slug: str, closed_at: datetime | None, reason: str) -> Season:
    """Open the votes of a closed season again, until a moment or an organizer closes it.

    Raises SeasonNotFound, SeasonNotClosed, ReasonNeeded, InvalidCalendar, SeasonsOverlap.
    """
    store.lock(uow)
    season = show(uow, slug)
    if not season.is_closed:
        raise SeasonNotClosed(season=season.name)
    if not reason.strip():
        raise ReasonNeeded(season=season.name)
    if closed_at is not None and closed_at <= season.now:
        raise InvalidCalendar(field="closed_at")
    results_at = None if closed_at is None else season.results_at and max(season.results_at, closed_at)
    uploads_close_at = season.uploads_close_at or season.closed_at  # votes open again, uploads do not
    calendar = SeasonCalendar(
        opened_at=season.opened_at,
        uploads_close_at=uploads_close_at,
        votes_open_at=season.votes_open_at,
        closed_at=closed_at,
        results_at=results_at,
        jury_closes_at=season.jury_closes_at and results_at and max(season.jury_closes_at, closed_at or results_at),
    )
    _move(uow, season, calendar)
    store.reopen(uow, season.id)
    uow.after_commit(partial(record, "contest.season.reopened", account_id=by.account_id, season_id=season.id))
    season = show(uow, slug)
    audit.record(uow, by, Act.SEASON_REOPENED, _target(season), reason, _moved(season))
    return season


def cities(uow: UnitOfWork) -> tuple[CityRule, ...] | None:
    """Return the cities of the present season, else of the next one, else of the last; None: any city takes part."""
    season = presented(uow)
    return None if season is None else season.cities


def _target(season: Season) -> AuditTarget:
    return AuditTarget(TargetKind.SEASON, str(season.id))


def _ruled(rules: SeasonRules) -> dict[str, Detail]:
    """Return rules for the audit trail; cities, which may be many, by their number."""
    names = SeasonRules.__dataclass_fields__.keys() - {"cities", "jury"}
    jury = rules.jury and json.dumps(rules.jury.kept(), sort_keys=True, ensure_ascii=False)
    cities = rules.cities and len(rules.cities)
    return {name: getattr(rules, name) for name in sorted(names)} | {"cities": cities, "jury": jury}


def _moved(season: Season) -> dict[str, Detail]:
    """Return a calendar for the audit trail."""
    moments = {name: getattr(season, name) for name in SeasonCalendar.__dataclass_fields__}
    return {name: moment and moment.isoformat() for name, moment in moments.items()}


def _changing(uow: UnitOfWork, slug: str, reason: str) -> Season:
    """Return a season that is to be changed, while no vote is cast. Raises SeasonNotFound, ReasonNeeded."""
    store.lock(uow)
    store.hold(uow, show(uow, slug).id)
    season = show(uow, slug)  # as it is now: it may have closed meanwhile
    if not reason.strip() and (voters.has_votes(uow, season.id) or store.has_scores(uow, season.id)):
        raise ReasonNeeded(season=season.name)
    return season


def _move(uow: UnitOfWork, season: Season, calendar: SeasonCalendar) -> None:
    other = store.overlapping(uow, calendar, but=season.id)
    if other is not None:
        raise _overlap(other)
    store.move(uow, season.id, calendar)


def _add(uow: UnitOfWork, name: str, rules: SeasonRules, calendar: SeasonCalendar) -> Season:
    store.lock(uow)
    other = store.overlapping(uow, calendar)
    if other is not None:
        raise SeasonOpenAlready if calendar == OPEN_END and not other.now < other.opened_at else _overlap(other)
    season = store.add(uow, _slug(uow, name), name, rules, calendar)
    entry.admit_waiting(uow, season.id, published=not rules.moderated)
    return season


def _overlap(other: Season) -> SeasonsOverlap:
    return SeasonsOverlap(season=other.name)


def _slug(uow: UnitOfWork, name: str) -> str:
    """Make a slug that no other season has: temporada-2 for Temporada 2."""
    slug = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:SLUG_LENGTH].strip("-") or "temporada"
    taken = store.slugs_like(uow, slug)
    return (
        slug
        if slug not in taken
        else next(found for number in range(2, len(taken) + 3) if (found := f"{slug}-{number}") not in taken)
    )
