"""PostgreSQL from either wheel, and a data folder that moves from one to the other."""

from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import create_engine

from anb.db import migrate, roles
from anb.db.roles import DatabaseRole
from anb.db.session import Database, dialect_url
from anb.engines import binaries
from anb.engines.binaries import CHOICE, POSTGRES
from support.schema import drift
from support.stack import start_engines

NEWER, OLDER = POSTGRES
APP = DatabaseRole("anb_app", "app-secret")
PLAYER = """
INSERT INTO users (email, username, first_name, last_name, city, city_key, country, password_hash)
VALUES ('ñ@example.com', 'ñ', 'Ñ', 'B', 'Cali', 'cali', 'Colombia', '-')
"""


def migrated(url: str, app: DatabaseRole | None) -> list[str]:
    """Migrate a database; return how it differs from the code's tables."""
    engine = create_engine(dialect_url(url))
    database = Database(engine, engine, 1)
    try:
        migrate.upgrade(database, app)
        return drift(database)
    finally:
        database.close()


@pytest.mark.parametrize("source", POSTGRES)
def test_either_makes_a_cluster_and_takes_our_tables(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHOICE, source)
    engines = start_engines(tmp_path)
    try:
        assert migrated(engines.database_url, APP) == []
        with psycopg.connect(engines.database_url) as connection:
            (found,) = connection.execute("SHOW server_version").fetchone() or ("",)
        assert binaries.version(binaries.postgres()) == found
    finally:
        engines.stop()


def test_an_older_folder_goes_on_with_its_data_and_its_application_owns_nothing_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHOICE, OLDER)
    before = start_engines(tmp_path)
    try:
        with psycopg.connect(before.database_url.replace("anb:owner-secret", "postgres:superuser-secret")) as superuser:
            superuser.execute("DROP ROLE anb_app")  # there was none: the application was the owner
        migrated(before.database_url, None)
        with psycopg.connect(before.database_url) as connection:
            connection.execute("SET synchronous_commit = on")  # these engines lose recent writes
            connection.execute(PLAYER)
    finally:
        before.stop()
    monkeypatch.setenv(CHOICE, NEWER)
    after = start_engines(tmp_path)
    try:
        assert migrated(after.database_url, APP) == []
        as_app = after.database_url.replace("anb:owner-secret", "anb_app:app-secret")
        with psycopg.connect(as_app, autocommit=True) as connection:
            assert connection.execute("SELECT email FROM users").fetchall() == [("ñ@example.com",)]
            connection.execute("UPDATE users SET city = 'Bogotá'")
            assert roles.owned(connection) == 0
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute("DROP TABLE users")
    finally:
        after.stop()
