"""Votes of before the log await it after the upgrade, each once and in their order, also if the upgrade was stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from anb.db.session import Database, connect
from support.crowd_of_clips import fill_database
from support.migrating import move
from support.worlds import new_database, settings_for, worker_name

pytestmark = pytest.mark.slow

BEFORE, TRIGGERS, FILLED = "0029", "0030", "0031"
PLAYERS, EACH = 45, 3  # and each votes for all clips of the others: more than one step of the upgrade
VOTES = PLAYERS * EACH * (PLAYERS - 1)
SEASON = "insert into seasons (name, slug, opened_at) values ('uno', 'uno', now() - interval '1 day')"
VOTE = """
insert into votes (voter_id, video_id, season_id, jury, cast_at)
select users.id, videos.id, videos.season_id, false, now() from users, videos where users.id <> owner_id
"""
VOID = "update votes set voided_at = now(), void_reason = 'withdrawn' where id % 10 = 0"
AWAITED = "select id, kind, video_id, vote_id, voter_id, pseudonym from pending_entries order by id"


@pytest.fixture
def database(tmp_path: Path, redis_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """Return a database as the release before the log left it, with votes, some of them void."""
    url = new_database(f"anb_backfill_{worker_name()}_{len(request.node.name)}")
    database = connect(settings_for(tmp_path, url, redis_url))
    with database.transaction() as uow:
        uow.execute(text(SEASON))
        fill_database(uow, players=PLAYERS, each=EACH)
    move(database, command.downgrade, BEFORE)
    with database.transaction() as uow:
        for statement in ("delete from voter_pseudonyms", VOTE, VOID):
            uow.execute(text(statement))
    yield database
    database.close()


def awaited(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as uow:
        return [tuple(row) for row in uow.execute(text(AWAITED))]


def counted(database: Database) -> set[int]:
    with database.reading() as uow:
        return set(uow.execute(text("select id from votes where voided_at is null")).scalars())


def test_each_vote_that_counts_awaits_the_log_once_behind_the_clips(database: Database) -> None:
    move(database, command.upgrade, "head")
    rows = awaited(database)
    clips, votes = rows[: PLAYERS * EACH], rows[PLAYERS * EACH :]
    assert {row[1] for row in clips} == {1}
    assert {row[1] for row in votes} == {6}
    assert len(votes) == VOTES - VOTES // 10
    assert {row[3] for row in votes} == counted(database)
    assert all(row[0] == row[3] for row in votes)  # by their own ids, and so in their order
    names = {(row[4], row[5]) for row in votes}
    assert len(names) == len({name for _, name in names}) == PLAYERS


def test_an_upgrade_that_was_stopped_continues_where_it_was(database: Database) -> None:
    move(database, command.upgrade, FILLED)
    whole = awaited(database)
    with database.transaction() as uow:
        last = uow.execute(text("select max(id) from votes")).scalar_one()
        uow.execute(text("delete from pending_entries where id > 2000"))
        uow.execute(text(f"create function votes_before_log() returns bigint language sql immutable return {last}"))
        uow.execute(text(f"update alembic_version set version_num = '{TRIGGERS}'"))  # noqa: S608 - as it was then
    move(database, command.upgrade, FILLED)
    assert awaited(database) == whole


def test_who_erased_their_account_has_no_name_in_the_log(database: Database) -> None:
    with database.transaction() as uow:
        uow.execute(text("update users set erased_at = now() where username = 'jugador7'"))
    move(database, command.upgrade, "head")
    with database.reading() as uow:
        known = uow.execute(text("select count(*) from voter_pseudonyms join users on users.id = voter_id "
                                 "where erased_at is not null")).scalar_one()  # fmt: skip
    assert known == 0
    assert {row[3] for row in awaited(database) if row[1] == 6} == counted(database)
