"""Whether migrations and tables agree, checked on a real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from anb.db import migrate
from anb.db.all_tables import metadata
from anb.db.session import Database, dialect_url
from support.stack import start_engines


def differences(folder: Path) -> Iterator[str]:
    """Migrate an empty database and return how it differs from the code's tables."""
    engines = start_engines(folder)
    engine = create_engine(dialect_url(engines.database_url))
    database = Database(engine, engine, 1)
    try:
        migrate.upgrade(database)
        yield from drift(database)
    finally:
        database.close()
        engines.stop()


def drift(database: Database) -> list[str]:
    """Return how a migrated database differs from the code's tables."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return [str(difference) for difference in compare_metadata(context, metadata)]
