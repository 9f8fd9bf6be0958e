"""Processes vote for few clips while tallies fold, a sealer is killed, and connections are cut: no vote is lost."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from anb.contest import service as contest
from support.browser_client import published
from support.counting import differences, seal
from support.waiting import until
from support.worlds import TESTS, World

CROWD = """
insert into users (email, username, first_name, last_name, city, city_key, country, password_hash)
select n || '@example.com', 'votante' || n, 'V', 'V', 'Cali', 'cali', 'Colombia', '-' from generate_series(1, :count) n
returning id
"""
CUT = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""
CLIPS, VOTERS, SEALERS = 3, 4, 2  # voters are processes, and each pair of them casts the same votes


@contextmanager
def process(*words: object) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "support.voting_crowd", str(words[0])]
    # Ten thousand voters are more than a system takes as one argument (128 KiB).
    with tempfile.TemporaryFile() as told:
        told.write(json.dumps(words[1:]).encode())
        told.seek(0)
        running = subprocess.Popen(command, stdin=told, cwd=TESTS, env=os.environ | {"PYTHONPATH": str(TESTS.parent)})
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def counted(world: World) -> int:
    with world.database.reading() as uow:
        return int(uow.execute(text("select coalesce(sum(votes), 0) from player_tallies")).scalar_one())


def season_of(world: World) -> UUID:
    with world.uow() as uow:
        season = contest.current_season(uow)
    assert season is not None
    return season.id


@pytest.mark.slow  # daily, test_contest_api.py casts one vote many times at once
@pytest.mark.parametrize("people", [200, 10_000])
def test_no_vote_is_lost_or_doubled_when_sealers_and_connections_die(world: World, redis_url: str, people: int) -> None:
    clips = [str(published(world, world.player(f"Nombre N{number}"))) for number in range(CLIPS)]
    with world.uow() as uow:
        crowd = [str(each) for each in uow.execute(text(CROWD), {"count": people}).scalars()]
    url, wanted = str(world.settings.database_url), people * CLIPS
    sealing = [process("count", url, redis_url, str(world.settings.work_dir)) for _ in range(SEALERS)]
    halves = [crowd[number % 2 :: 2] for number in range(VOTERS)]
    with sealing[0] as first, sealing[1] as second:
        voting = [process("vote", url, half, clips) for half in halves]
        with voting[0] as a, voting[1] as b, voting[2] as c, voting[3] as d:
            until(lambda: counted(world) > wanted // 10, 100)
            first.kill()
            until(lambda: counted(world) > wanted // 4, 60)
            with world.database.engine.connect() as connection:
                connection.execute(text(CUT))
            assert [each.wait(300) for each in (a, b, c, d)] == [0] * VOTERS
        second.kill()
    world.database.engine.dispose()
    until(lambda: sealed(world), 60)
    assert counted(world) == wanted
    assert differences(world, season_of(world)) == []


def sealed(world: World) -> bool:
    try:
        seal(world)
    except SQLAlchemyError:  # a connection that was cut
        return False
    with world.database.reading() as uow:
        return uow.execute(text("select 1 from pending_entries limit 1")).first() is None
