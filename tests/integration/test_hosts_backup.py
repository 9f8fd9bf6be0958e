"""A backup of a real database by PostgreSQL's own programs, and its restore into a new database."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from deploy.hosts import backup, dump, restore
from deploy.hosts.backup_store import BackupStore
from deploy.hosts.machine import CannotConverge
from sqlalchemy import text

from anb.db import migrate
from anb.db.session import Database, connect
from support.hosts import Bucket, machine
from support.worlds import new_database, settings_for, worker_name

PLAYER = """
insert into users (email, username, first_name, last_name, city, city_key, country, password_hash)
values ('ñ@example.com', 'ñ', 'Ñ', 'B', 'Cali', 'cali', 'Colombia', '-')
"""
UPLOAD = """
insert into uploads (owner_id, title, bytes, part_key, expires_at)
select id, 't', 100, 'incoming/u1', now() + interval '1 day' from users
"""


@pytest.fixture
def saved(tmp_path: Path, redis_url: str, request: pytest.FixtureRequest) -> Iterator[tuple[BackupStore, Database]]:
    """A backup of a database with a player, an upload under way and a file."""
    url = new_database(f"anb_saved_{worker_name()}_{len(request.node.name)}")
    database = connect(settings_for(tmp_path, url, redis_url))
    with database.transaction() as uow:
        uow.execute(text(PLAYER))
        uow.execute(text(UPLOAD))
    media = tmp_path / "media"
    (media / "originals").mkdir(parents=True)
    (media / "originals" / "1.mp4").write_bytes(b"clip")
    backup_store = BackupStore("b", Bucket())
    backup.take(machine(tmp_path)[0], backup_store, url, media, tmp_path, "r1")
    yield backup_store, database
    database.close()


def test_all_of_it_comes_back_but_what_was_on_its_way(
    saved: tuple[BackupStore, Database], tmp_path: Path, redis_url: str
) -> None:
    url, media = new_database(f"anb_back_{worker_name()}"), tmp_path / "other"
    assert dump.is_empty(url)  # like a new stack: migrated, a season open, no accounts
    restore.put_back(machine(tmp_path)[0], saved[0], url, media, tmp_path)
    assert (media / "originals" / "1.mp4").read_bytes() == b"clip"
    assert not dump.is_empty(url)
    database = connect(settings_for(tmp_path, url, redis_url))
    with database.transaction() as uow:
        assert uow.execute(text("select email from users")).scalars().all() == ["ñ@example.com"]
        assert uow.execute(text("select count(*) from uploads")).scalar_one() == 0
    assert migrate.upgrade(database) == migrate.head()
    database.close()


def test_what_was_restored_can_be_saved_and_restored_again(saved: tuple[BackupStore, Database], tmp_path: Path) -> None:
    first, second = (new_database(f"anb_{turn}_{worker_name()}") for turn in ("first", "second"))
    host = machine(tmp_path)[0]
    restore.put_back(host, saved[0], first, tmp_path / "one", tmp_path)
    again = BackupStore("b", Bucket())
    backup.take(host, again, first, tmp_path / "one", tmp_path, "r1")
    restore.put_back(host, again, second, tmp_path / "two", tmp_path)
    with psycopg.connect(second) as connection:
        assert connection.execute("select email from users").fetchall() == [("ñ@example.com",)]


def test_a_dump_that_cannot_be_read_leaves_an_empty_database_to_begin_again(tmp_path: Path) -> None:
    url, broken = new_database(f"anb_broken_{worker_name()}"), tmp_path / "broken.dump"
    broken.write_bytes(b"not a dump")
    with pytest.raises(CannotConverge, match="pg_restore ended"):
        dump.put_back(url, broken)
    assert dump.is_empty(url)
    with psycopg.connect(url) as connection:
        assert connection.execute("select to_regclass('public.users')").fetchone() == (None,)
