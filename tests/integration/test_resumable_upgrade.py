"""Uploads that were open, or had ended, when the previous version was replaced."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from anb.db.session import connect
from support.migrating import move
from support.tus import TusSender, upload_id
from support.worlds import World, make_world, new_database, settings_for, worker_name

BODY = b"\0\0\0\x18ftypisom a clip that an upgrade interrupts"


@pytest.fixture
def own_world(tmp_path: Path, redis_url: str) -> Iterator[World]:
    url = new_database(f"anb_uploads_before_{worker_name()}")
    with make_world(tmp_path, url, redis_url) as world:
        yield world


def test_an_upload_begun_before_goes_on_after_and_one_that_ended_is_still_told(
    own_world: World, tmp_path: Path, redis_url: str
) -> None:
    player = own_world.player()
    player.headers["Authorization"] = f"Bearer {own_world.ports.tokens.issue(player.id)}"  # as that version issued them
    sender = TusSender(player)
    ended, path = sender.begin(len(BODY)), sender.begin(len(BODY))
    sender.send(ended, 0, BODY)
    sender.send(path, 0, BODY[:20])
    old = connect(settings_for(tmp_path, str(own_world.settings.database_url), redis_url))
    try:
        move(old, command.downgrade, "0005")
        with old.transaction() as uow:  # as the previous version knows them
            columns = set(uow.execute(text("select * from uploads")).keys())
            assert "metadata" not in columns
            received = uow.execute(text("select received from uploads where id = :id"), {"id": upload_id(path)})
            assert received.scalar_one() == 20
        move(old, command.upgrade, "head")
    finally:
        old.close()
    assert sender.offset(path) == 20
    assert sender.ask("HEAD", ended).headers["upload-metadata"].startswith("title ")
    done = sender.send(path, 20, BODY[20:])
    assert (done.status_code, done.headers["anb-same-as"]) == (204, sender.ask("GET", ended).json()["video_id"])
    assert len(own_world.files()) == 2
