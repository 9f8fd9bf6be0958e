"""Migrate a database to the tables that this version needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from anb.db import roles
from anb.db.session import Database

# The advisory lock of a running migration; other processes wait for it.
MIGRATION_LOCK = 0x414E42


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, app: roles.DatabaseRole | None = None) -> str:
    """Run the missing migrations as the owner, one process at a time; return the resulting revision.

    The application's account gets its rights afterwards in any case. A database that a newer version has migrated is
    not changed: every migration keeps what the version before needs, so that you can go back.
    """
    with database.engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
        connection.commit()
        try:
            found = MigrationContext.configure(connection).get_current_revision()
            newer = found is not None and not knows(found)
            if not newer:
                command.upgrade(_config(connection), "head")
                connection.commit()
            if app is not None:
                roles.admit(connection, app)
                connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})
            connection.commit()
    return found if newer and found else head()


def head() -> str:
    """Return the newest revision this version knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def knows(revision: str) -> bool:
    """Say whether this version knows a revision; one that it does not know is a newer version's."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def current(database: Database) -> str | None:
    """Return the database's revision, or None when it was never migrated."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
