"""Clips that were public before the lists had a table of their own: an upgrade, also one that was stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from anb.db.session import Database, connect
from support.crowd_of_clips import fill_database
from support.migrating import move
from support.worlds import new_database, settings_for, worker_name

TABLES = "0033"
SEASON = "insert into seasons (name, slug) values ('uno', 'uno')"
KEPT = "select video_id::text, season_id::text, city_key, published_at::text, draw, words::text from listed_clips"


@pytest.fixture
def database(tmp_path: Path, redis_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    url = new_database(f"anb_lists_{worker_name()}_{len(request.node.name)}")
    database = connect(settings_for(tmp_path, url, redis_url))
    with database.transaction() as uow:
        uow.execute(text(SEASON))
        fill_database(uow, players=70, each=60)
    yield database
    database.close()


def rows(database: Database) -> set[tuple[object, ...]]:
    with database.reading() as uow:
        return {tuple(row) for row in uow.execute(text(KEPT))}


@pytest.mark.parametrize("missing", ["true", "draw % 2 = 0"], ids=["all", "those after it stopped"])
def test_the_upgrade_lists_every_public_clip_as_the_triggers_do(database: Database, missing: str) -> None:
    with database.transaction() as uow:
        uow.execute(text("update videos set published_at = null where title = 'Jugada 7'"))
    listed = rows(database)
    assert len(listed) == 70 * 59
    move(database, command.downgrade, TABLES)
    with database.transaction() as uow:
        uow.execute(text(f"delete from listed_clips where {missing}"))  # noqa: S608 - of this file
    move(database, command.upgrade, "head")
    assert rows(database) == listed
