"""A release meets a database migrated by a newer one: a downgrade, or an upgrade that is under way."""

from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from anb.cli import app
from anb.db import migrate
from anb.db.session import connect
from support.worlds import new_database, settings_for, worker_name

LATER = "9999"


@pytest.fixture
def later_database(
    tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> str:
    url = new_database(f"anb_later_{worker_name()}_{len(request.node.name)}")
    database = connect(settings_for(tmp_path, url, redis_url))
    with database.transaction() as uow:
        uow.execute(text("update alembic_version set version_num = :later"), {"later": LATER})
    database.close()
    for name, value in {
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "MEDIA_ROOT": str(tmp_path),
        "SECRET_KEY": "s" * 32,
        "DATA_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(f"ANB_{name}", value)
    return url


class TestAnOlderRelease:
    def test_it_leaves_a_newer_database_as_it_is_and_says_so(self, later_database: str) -> None:
        done = CliRunner().invoke(app, ["migrate", "--first-season"])
        assert done.exit_code == 0, done.output
        said = " ".join(done.output.split())
        assert f"revision {LATER}" in said
        assert f"newer than this version knows ({migrate.head()})" in said
        assert later_database not in said

    def test_it_says_the_revision_that_is_there(self, later_database: str, tmp_path: Path, redis_url: str) -> None:
        database = connect(settings_for(tmp_path, later_database, redis_url))
        assert migrate.upgrade(database) == migrate.current(database) == LATER
        database.close()

    def test_it_knows_its_own_revisions(self) -> None:
        assert migrate.knows(migrate.head())
        assert not migrate.knows(LATER)
