"""Clips and seasons from before clips belonged to one: an upgrade, also one that was stopped in the middle."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from anb.db.session import Database, connect
from support.migrating import move
from support.worlds import new_database, settings_for, worker_name

BEFORE, TABLES = "0023", "0024"
SEASONS = """
insert into seasons (name, opened_at, closed_at) values
    ('uno', '2026-01-01', '2026-02-01'), ('dos', '2026-01-31', '2026-03-01'), ('tres', '2026-04-01', null)
"""
PLAYER = """
insert into users (email, username, first_name, last_name, city, city_key, country, password_hash)
values ('a@example.com', 'a', 'A', 'B', 'Cali', 'cali', 'Colombia', '-')
"""
CLIP = """
insert into videos (owner_id, title, original_key, original_bytes, original_sha256, duration_seconds, uploaded_at)
select id, :title, 'originals/' || cast(:title as text), 1, '-', 22, cast(:at as timestamptz) from users
"""
VOTE = """
insert into votes (voter_id, video_id, season_id, jury)
select users.id, videos.id, seasons.id, false from users, videos, seasons where title = :title and seasons.name = :name
"""
STOPPED = "update videos set season_id = (select id from seasons where name = 'uno') where title = 'voted'"
FOUND = "select title, seasons.name from videos left join seasons on seasons.id = season_id order by title"


@pytest.fixture
def old(tmp_path: Path, redis_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    url = new_database(f"anb_seasons_{worker_name()}_{len(request.node.name)}")
    database = connect(settings_for(tmp_path, url, redis_url))
    move(database, command.downgrade, BEFORE)
    with database.transaction() as uow:
        uow.execute(text(SEASONS))
        uow.execute(text(PLAYER))
        sent = {"voted": "2026-02-15", "in one": "2026-01-15", "between": "2026-03-15", "last": "2026-05-01"}
        for title, at in sent.items():
            uow.execute(text(CLIP), {"title": title, "at": at})
        uow.execute(text(VOTE), {"title": "voted", "name": "uno"})
    yield database
    database.close()


def seasons_of_clips(database: Database) -> dict[str, str | None]:
    with database.transaction() as uow:
        return {row.title: row.name for row in uow.execute(text(FOUND))}


WANTED = {"voted": "uno", "in one": "uno", "between": "tres", "last": "tres"}


def test_each_clip_gets_the_season_of_its_votes_or_of_its_moment_or_the_next(old: Database) -> None:
    move(old, command.upgrade, "head")
    assert seasons_of_clips(old) == WANTED
    with old.transaction() as uow:
        spans = uow.execute(text("select slug, opened_at::date::text from seasons order by opened_at")).all()
    # The second began before the first had ended; the database lets no two overlap now.
    assert [tuple(row) for row in spans] == [
        ("temporada-1", "2026-01-01"),
        ("temporada-2", "2026-02-01"),
        ("temporada-3", "2026-04-01"),
    ]


def test_it_goes_on_where_it_was_and_back_too(old: Database) -> None:
    move(old, command.upgrade, TABLES)
    with old.transaction() as uow:  # what a first run had done, and what the version before received meanwhile
        uow.execute(text(STOPPED))
        uow.execute(text(CLIP), {"title": "during", "at": "2026-05-02"})
        uow.execute(text(VOTE), {"title": "last", "name": "tres"})
    assert seasons_of_clips(old)["during"] == "tres"
    move(old, command.upgrade, "head")
    assert seasons_of_clips(old) == WANTED | {"during": "tres"}
    move(old, command.downgrade, BEFORE)
    move(old, command.upgrade, "head")
    assert seasons_of_clips(old) == WANTED | {"during": "tres"}
