"""A sweep removes abandoned uploads, some at a time, and never waits for a lock."""

import pytest
from sqlalchemy import text

from anb.resumable import service, store
from support.tus import TusSender, upload_id
from support.worlds import World

# A hundred more abandoned uploads, each later than the one before.
COPIES = """
WITH first AS (UPDATE uploads SET title = '1', expires_at = now() - interval '1 hour' RETURNING *)
INSERT INTO uploads (id, owner_id, title, bytes, part_key, expires_at)
SELECT gen_random_uuid(), owner_id, n::text, bytes, part_key || n, expires_at + n * interval '1 second'
FROM first, generate_series(2, 101) n
"""


@pytest.fixture
def given_up(world: World) -> World:
    """A world with 101 abandoned uploads."""
    TusSender(world.player()).begin(100)
    with world.uow() as uow:
        uow.execute(text(COPIES))
    return world


def test_it_takes_a_hundred_oldest_first_and_the_next_one_the_rest(given_up: World) -> None:
    parts = given_up.database, given_up.ports, given_up.settings
    assert service.sweep(*parts) == (100, 0)
    with given_up.uow() as uow:
        (left,) = service.list_open(uow, 200)
    assert left.title == "101"
    assert service.sweep(*parts) == (1, 0)


def test_two_at_once_do_not_wait_for_each_other(given_up: World) -> None:
    with given_up.uow() as first, given_up.uow() as second:
        second.execute(text("SET LOCAL lock_timeout = '5s'"))  # waiting for a lock fails the test
        assert len(store.remove_expired(first, 60)) == 60
        assert len(store.remove_expired(second, 60)) == 41


def test_open_uploads_are_listed_newest_first_and_no_more_than_asked_for(world: World) -> None:
    sender = TusSender(world.player())
    begun = [upload_id(sender.begin(100 + n)) for n in range(3)]
    with world.uow() as uow:
        assert [found.id for found in service.list_open(uow, 2)] == begun[:0:-1]
