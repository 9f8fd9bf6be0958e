"""The pools: how many connections they take, and a server that drops them, as a restarted one does."""

from contextlib import ExitStack, suppress

import psycopg
import pytest
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


def test_who_writes_and_who_reads_take_no_more_connections_together_than_were_given(world: World) -> None:
    database, pool = world.database, world.settings.database_pool
    open_ones = [database.transaction] * database.transactions + [database.reading] * (pool - database.transactions)
    with ExitStack() as stack:
        units = [stack.enter_context(begin()) for begin in open_ones]
        servers = {uow.execute(text("SELECT pg_backend_pid()")).scalar_one() for uow in units}
        counted = {database.engine.pool.checkedout(), database.transactions}  # type: ignore[attr-defined]  # QueuePool
    assert len(servers) == pool
    assert counted == {database.transactions}


def test_a_reader_holds_nothing_between_two_statements(world: World) -> None:
    with world.database.reading() as uow:
        moments = [uow.execute(text("SELECT now()")).scalar_one() for _ in range(2)]
    assert moments[0] < moments[1]


@pytest.mark.parametrize("end", ["kept", "undone", "raised"])
def test_a_savepoint_decides_about_its_part_and_what_was_to_follow(world: World, end: str) -> None:
    followed: list[str] = []
    rename = text("UPDATE seasons SET name = :name")
    with world.uow() as uow:
        uow.execute(rename, {"name": "before"})
        uow.after_commit(lambda: followed.append("before"))
        with suppress(LookupError), uow.savepoint(keep=end != "undone"):
            uow.execute(rename, {"name": "inside"})
            uow.after_commit(lambda: followed.append("inside"))
            if end == "raised":
                raise LookupError
        uow.after_commit(lambda: followed.append("after"))
    with world.database.reading() as uow:
        name = uow.execute(text("SELECT name FROM seasons")).scalar_one()
    assert (name, followed) == (
        ("inside", ["before", "inside", "after"]) if end == "kept" else ("before", ["before", "after"])
    )
