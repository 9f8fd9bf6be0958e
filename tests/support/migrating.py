"""Moves a database between versions of its tables, as an upgrade does."""

from collections.abc import Callable

from alembic.config import Config

from anb.db import migrate
from anb.db.session import Database


def move(database: Database, how: Callable[[Config, str], None], revision: str) -> None:
    """Go to a revision: `how` is Alembic's upgrade or downgrade."""
    with database.engine.connect() as connection:
        how(migrate._config(connection), revision)
        connection.commit()
