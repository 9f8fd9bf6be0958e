"""The job engine's statements in PostgreSQL: claims and heartbeats, with a million finished jobs and with none."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from sqlalchemy import text

from anb.db.session import Database, connect
from anb.jobs import service as jobs
from anb.jobs.domain import Claim
from anb.settings import Settings
from verify.bench.bench_platform import platform
from verify.kit.figures import Figure, Goal, Limit, percentile, turns

T = TypeVar("T")

HISTORY = 1_000_000
WAITING = 500  # queued jobs when the claims begin, by fifty players in two lanes
WORKERS = 4
CLAIM_GOAL = Goal("at most", 10, "value")
GROWTH_GOAL = Goal("at most", 1.2, "ratio")

PEOPLE = """
insert into users (email, username, first_name, last_name, city, city_key, country, password_hash)
select 'p' || n || '@example.com', 'jugador' || n, 'Lucía', 'Ríos', 'Bogotá', 'bogota', 'Colombia', '-'
from generate_series(1, 50) as n;
insert into videos (owner_id, title, original_key, original_bytes, original_sha256, duration_seconds)
select id, 'Mi mejor triple', 'originals/' || id, 1, '-', 22 from users;
"""
# Triggers refuse an INSERT in any state but the first, so they are disabled meanwhile.
OVER = """
alter table jobs disable trigger user;
insert into jobs (video_id, owner_id, state, attempt, worker, progress, created_at, available_at, turn_at, sent_at,
                  started_at, finished_at, lane)
select v.id, v.owner_id, 'done', 1, 'bench:1', 100, t, t, t, t, t + interval '1 s', t + interval '20 s',
       case when n % 5 = 0 then 'heavy' else 'light' end
from (select n, now() - make_interval(secs => n) as t from generate_series(1, :jobs) as n) as past
join (select id, owner_id, row_number() over (order by id) as number from videos) as v on v.number = 1 + n % 50;
insert into job_events (job_id, what, attempt)
select id, what, 1 from jobs, unnest(array['queued', 'begun', 'done']) as what;
alter table jobs enable trigger user;
"""
LINE = """
insert into jobs (video_id, owner_id, lane)
select v.id, v.owner_id, case when n % 5 = 0 then 'heavy' else 'light' end
from generate_series(1, :jobs) as n
join (select id, owner_id, row_number() over (order by id) as number from videos) as v on v.number = 1 + n % 50;
"""


@dataclass
class DatabaseView:
    """The measurements of one database."""

    claims: list[float] = field(default_factory=list)  # milliseconds each
    beats: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)  # claims per second, by several workers at once


def measure(repeats: int) -> list[Figure]:
    """Claim and beat in a database with a long history and in one without, in turns."""
    with _databases() as (settings, long, none):
        views = {long: DatabaseView(), none: DatabaseView()}
        for _, mine in turns(repeats):
            database = long if mine else none
            _turn(database, settings, views[database])
    ours, bare = views[long], views[none]
    return [
        _p95("a claim, p95", ours.claims, CLAIM_GOAL),
        _p95("a claim, p95 beside no history", ours.claims, GROWTH_GOAL, bare.claims),
        _p95("a heartbeat, p95", ours.beats, None),
        _p95("a heartbeat, p95 beside no history", ours.beats, GROWTH_GOAL, bare.beats),
        Figure("jobs", f"claims by {WORKERS} workers at once", "claims/s", tuple(ours.rates),
               Limit("the same with no history", tuple(bare.rates)), Goal("at least", 1 / 1.2, "ratio")),
    ]  # fmt: skip


def _p95(name: str, took: list[float], goal: Goal | None, bare: list[float] | None = None) -> Figure:
    limit = Limit("the same with no history, p95", (percentile(bare, 95),)) if bare else None
    note = f"{HISTORY:,} finished jobs, {WAITING} in line; median {percentile(took, 50):.2f} ms, each with its commit"
    return Figure("jobs", name, "ms", tuple(took), limit, goal, at=percentile(took, 95), note=note)


@contextmanager
def _databases() -> Iterator[tuple[Settings, Database, Database]]:
    """Create the databases of two platforms, one of them with a history."""
    with platform(()) as first, platform(()) as second:
        long, none = connect(first.settings), connect(second.settings)
        try:
            for database in (long, none):
                _run(database, PEOPLE)
            with long.transaction() as uow:
                uow.execute(text("set local statement_timeout = 0"))
                for statement in OVER.split(";\n")[:-1]:
                    uow.execute(text(statement), {"jobs": HISTORY} if ":jobs" in statement else None)
            for database in (long, none):
                with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.execute(text("set statement_timeout = 0"))
                    connection.execute(text("vacuum analyze"))
            yield first.settings, long, none
        finally:
            long.close()
            none.close()


def _turn(database: Database, settings: Settings, view: DatabaseView) -> None:
    """Queue jobs, claim half of them one by one and the rest by several workers, and beat for each."""
    with database.transaction() as uow:
        uow.execute(text(LINE), {"jobs": WAITING})
    claims = [_timed(view.claims, partial(_claim, database, settings)) for _ in range(WAITING // 2)]
    begun = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        claims += pool.map(lambda _: _claim(database, settings), range(WAITING - len(claims)))
    view.rates.append((WAITING - WAITING // 2) / (time.perf_counter() - begun))
    for claim in claims:
        _timed(view.beats, partial(_beat, database, settings, claim))
    for claim in claims:
        with database.transaction() as uow:
            assert jobs.finish(uow, claim, {})


def _claim(database: Database, settings: Settings) -> Claim:
    with database.transaction() as uow:
        claim = jobs.claim(uow, settings, "bench:1")
    assert claim is not None
    return claim


def _beat(database: Database, settings: Settings, claim: Claim) -> bool:
    with database.transaction() as uow:
        return jobs.beat(uow, settings, claim, 50)


def _timed(into: list[float], act: Callable[[], T]) -> T:
    begun = time.perf_counter()
    result = act()
    into.append((time.perf_counter() - begun) * 1000)
    return result


def _run(database: Database, script: str) -> None:
    with database.transaction() as uow:
        for statement in script.split(";\n")[:-1]:
            uow.execute(text(statement))
