"""Videos edited before renditions existed keep their files."""

from pathlib import Path

from alembic import command
from sqlalchemy import text

from anb.db.session import connect
from support.migrating import move
from support.worlds import new_database, settings_for, worker_name

PLAYER = """
insert into users (email, username, first_name, last_name, city, city_key, country, password_hash)
values ('a@example.com', 'a', 'A', 'B', 'Cali', 'cali', 'Colombia', '-')
"""
OLD_VIDEO = """
insert into videos (owner_id, title, status, original_key, original_bytes, original_sha256, duration_seconds,
                    processed_key, processed_bytes, processed_sha256, processed_seconds, processed_at, published_at)
select id, 't', 'processed', 'originals/a', 1, '-', 22, 'edits/aa/a.mp4', 7, 's', 27, now(), now() from users
on conflict do nothing;
insert into videos (owner_id, title, original_key, original_bytes, original_sha256, duration_seconds)
select id, 't', 'originals/b', 1, '-', 22 from users on conflict do nothing
"""


def test_edits_made_before_keep_their_file_and_go_back_too(tmp_path: Path, redis_url: str) -> None:
    url = new_database(f"anb_before_{worker_name()}")
    database = connect(settings_for(tmp_path, url, redis_url))
    with database.transaction() as uow:
        uow.execute(text(PLAYER))
    try:
        for _ in range(2):
            move(database, command.downgrade, "0002")
            with database.transaction() as uow:
                uow.execute(text(OLD_VIDEO))
                seen = uow.execute(text("select processed_key, processed_seconds from videos order by id")).all()
                assert set(seen) == {("edits/aa/a.mp4", 27.0), (None, None)}
            move(database, command.upgrade, "head")
            with database.transaction() as uow:
                (row,) = uow.execute(text("select * from renditions")).all()
                assert (row.kind, row.key, row.bytes, row.sha256) == ("processed", "edits/aa/a.mp4", 7, "s")
                assert (row.media_type, row.recipe, row.seconds) == ("video/mp4", 1, 27.0)
    finally:
        database.close()
