"""Any process may die while a clip arrives or is judged: nothing is lost, nothing is duplicated."""

from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from typing import Any, cast

import pytest
from sqlalchemy import text

from anb.adapters.storage.partial import SharedPartialFiles
from anb.errors import Outage
from anb.resumable import service
from support.tus import TusSender, killed, original
from support.worlds import World

BODY = b"\0\0\0\x18ftypisom a clip whose writers change"


@pytest.fixture
def sender(world: World) -> TusSender:
    world.change(upload_lease_seconds=0.5)
    return TusSender(world.player())


class TestCrash:
    def test_whole_but_never_judged_is_judged_when_its_client_comes_back(self, world: World, sender: TusSender) -> None:
        path = sender.begin(len(BODY))
        killed(world, sender, path, BODY)
        seen = sender.ask("HEAD", path)
        assert (seen.status_code, bool(seen.headers["anb-task-id"])) == (200, True)
        assert original(world) == BODY

    def test_whole_but_never_judged_is_judged_though_nobody_comes_back(self, world: World, sender: TusSender) -> None:
        path = sender.begin(len(BODY))
        killed(world, sender, path, BODY)
        world.age(0.6)
        assert service.sweep(world.database, world.ports, world.settings) == (0, 1)
        assert sender.ask("HEAD", path).headers["anb-video-id"]
        assert service.sweep(world.database, world.ports, world.settings) == (0, 0)

    def test_whole_and_refused_though_nobody_comes_back(self, world: World, sender: TusSender) -> None:
        path = sender.begin(len(BODY))
        killed(world, sender, path, BODY)
        world.prober.facts["video"]["seconds"] = 18.4
        world.age(0.6)
        service.sweep(world.database, world.ports, world.settings)
        assert sender.ask("GET", path).json()["code"] == "clip-too-short"
        assert world.files() == []

    def test_killed_between_the_file_and_the_rows_loses_nothing_and_doubles_nothing(
        self, world: World, sender: TusSender
    ) -> None:
        path = sender.begin(len(BODY))
        lock = killed(world, sender, path, BODY)
        file = world.ports.partial_files.resume(lock.part_key, len(BODY))
        file.keep("originals/ab/left-behind.mp4")
        file.close()
        assert sender.ask("HEAD", path).headers["anb-task-id"]
        assert len(world.queue.sent) == 1
        left = [name for name in world.files() if not name.endswith("left-behind.mp4")]
        assert [(world.settings.media_root / name).read_bytes() for name in left] == [BODY]

    def test_a_database_that_fails_at_the_rows_leaves_the_clip_to_be_finished(
        self, world: World, sender: TusSender, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = sender.begin(len(BODY))
        with monkeypatch.context() as breaking:
            breaking.setattr("anb.resumable.store.accept", gone)
            assert sender.send(path, 0, BODY).status_code == 503
        assert sender.ask("HEAD", path).headers["anb-task-id"]
        assert original(world) == BODY

    def test_resumed_by_a_server_that_was_started_anew_the_clip_and_its_hash_are_the_same(
        self, world: World, sender: TusSender
    ) -> None:
        path, api = sender.begin(len(BODY)), cast("Any", world.client.app)
        for begin, end in pairwise([0, 9, 20, len(BODY)]):
            api.state.ports = replace(world.ports, partial_files=SharedPartialFiles(world.settings.media_root))
            assert sender.send(path, begin, BODY[begin:end]).status_code == 204
        assert original(world) == BODY
        with world.uow() as uow:
            kept = uow.execute(text("SELECT original_sha256 FROM videos")).scalar_one()
        assert kept == sha256(BODY).hexdigest()

    def test_a_part_that_the_disk_lost_is_503_never_a_wrong_clip(self, world: World, sender: TusSender) -> None:
        path = sender.begin(len(BODY))
        sender.send(path, 0, BODY[:10])
        (part,) = (world.settings.media_root / name for name in world.files())
        part.write_bytes(b"short")
        assert sender.send(path, 10, BODY[10:]).status_code == 503
        assert sender.offset(path) == 10


def gone(*_: object) -> None:
    raise Outage("the database has gone")
