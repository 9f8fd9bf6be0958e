"""The pool against a server that hangs up on its connections, as one does that is started again."""

import psycopg
from sqlalchemy import text

from support.worlds import World

HANG_UP = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"


def test_a_connection_the_server_has_ended_is_replaced_before_anybody_notices(world: World) -> None:
    with world.database.transaction() as uow:
        before = uow.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with psycopg.connect(str(world.settings.database_url), autocommit=True) as other:
        other.execute(HANG_UP, [other.info.backend_pid])
        while other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [before]).fetchone():
            pass
    with world.database.transaction() as uow:
        assert uow.execute(text("SELECT pg_backend_pid()")).scalar_one() != before
