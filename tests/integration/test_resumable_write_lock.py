"""One writer at a time, across servers: a stuck one yields, one that lost the lock writes no more, no byte is lost."""

import threading
from uuid import uuid4

import pytest
from sqlalchemy import text

from anb.adapters.storage.partial import SharedPartialFiles
from anb.errors import Outage
from anb.resumable import service, store
from anb.resumable.domain import TakenOver
from support.tus import TusSender, killed, lock_at, original, upload_id
from support.worlds import World

BODY = b"\0\0\0\x18ftypisom a clip whose writers change"


@pytest.fixture
def sender(world: World) -> TusSender:
    world.change(upload_lease_seconds=0.5)
    return TusSender(world.player())


class TestTurns:
    def test_a_writer_that_lives_is_not_disturbed(self, world: World, sender: TusSender) -> None:
        path = sender.begin(len(BODY))
        lock, ended = lock_at(world, sender, path, 0), threading.Event()

        def live() -> None:
            while not ended.wait(0.05):
                service.renew(world.database, world.settings, lock, None, is_alive=True)

        writer = threading.Thread(target=live)
        writer.start()
        answer = sender.send(path, 0, BODY)
        ended.set()
        writer.join()
        assert (answer.status_code, answer.json()["code"]) == (423, "upload-busy")
        assert answer.headers["retry-after"] == "1"

    def test_a_stuck_writer_yields_to_its_returning_client(self, world: World, sender: TusSender) -> None:
        path = sender.begin(len(BODY))
        stuck = lock_at(world, sender, path, 0)
        assert sender.send(path, 0, BODY).status_code == 204
        with pytest.raises(TakenOver):
            service.renew(world.database, world.settings, stuck, 5, is_alive=True)
        with pytest.raises(TakenOver):
            service.release(world.database, world.settings, stuck, 5)
        assert original(world) == BODY

    def test_what_a_writer_from_the_dead_still_writes_reaches_nothing(self, world: World, sender: TusSender) -> None:
        path = sender.begin(len(BODY))
        sender.send(path, 0, BODY[:10])
        stuck = lock_at(world, sender, path, 10)
        file = world.ports.partial_files.resume(stuck.part_key, 10)
        file.write(b"old")
        file.sync()
        world.age(0.6)
        mine = lock_at(world, sender, path, 10)
        file.write(b"bytes of the dead")  # it wakes up and continues
        file.sync()
        service.release(world.database, world.settings, mine, None)
        assert sender.send(path, 10, BODY[10:]).status_code == 204
        file.close()
        assert original(world) == BODY

    def test_a_writer_from_the_dead_that_had_written_nothing_reaches_nothing_either(
        self, world: World, sender: TusSender
    ) -> None:
        path = sender.begin(len(BODY))
        stuck = lock_at(world, sender, path, 0)
        file = world.ports.partial_files.resume(stuck.part_key, 0)
        world.age(0.6)
        assert sender.send(path, 0, BODY[:20]).status_code == 204
        file.write(b"\0\0\0\x18ftypbad ")  # it wakes up and continues
        file.close()
        assert sender.send(path, 20, BODY[20:]).status_code == 204
        assert original(world) == BODY

    def test_a_dead_judge_registers_nothing_after_another_has(self, world: World, sender: TusSender) -> None:
        path = sender.begin(len(BODY))
        sender.send(path, 0, BODY[:10])
        dead = lock_at(world, sender, path, 10)
        file = world.ports.partial_files.resume(dead.part_key, 10)
        file.write(BODY[10:])
        world.age(0.6)
        assert sender.send(path, 10, BODY[10:]).status_code == 204
        with pytest.raises((TakenOver, Outage)):
            service.finish(world.database, world.ports, world.settings, dead, file)
        file.close()
        assert original(world) == BODY
        assert len(world.queue.sent) == 1

    def test_two_requests_at_once_become_one_video(self, world: World, sender: TusSender) -> None:
        path, answers = sender.begin(len(BODY)), []
        both = threading.Barrier(2)

        def send() -> None:
            both.wait()
            answers.append(sender.send(path, 0, BODY).status_code)

        threads = [threading.Thread(target=send) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 204 in answers
        assert set(answers) <= {204, 409, 423}
        assert original(world) == BODY


class TestSigns:
    """A writer's report, once per heartbeat: whether bytes came, and how many are durable."""

    @pytest.mark.parametrize("is_alive", [True, False], ids=["bytes came", "silent"])
    @pytest.mark.parametrize("received", [None, 7], ids=["nothing durable", "seven bytes durable"])
    def test_each_is_taken_and_the_turn_goes_on(
        self, world: World, sender: TusSender, received: int | None, *, is_alive: bool
    ) -> None:
        path = sender.begin(len(BODY))
        lock = lock_at(world, sender, path, 0)
        service.renew(world.database, world.settings, lock, received, is_alive=is_alive)
        service.release(world.database, world.settings, lock, None)
        assert sender.offset(path) == (received or 0)

    def test_a_silent_writer_neither_renews_its_lease_nor_loses_its_turn(self, world: World, sender: TusSender) -> None:
        lock = lock_at(world, sender, sender.begin(len(BODY)), 0)
        with world.uow() as uow:
            before = store.get(uow, lock.upload_id)
        service.renew(world.database, world.settings, lock, None, is_alive=False)
        with world.uow() as uow:
            assert store.get(uow, lock.upload_id) == before

    def test_a_silent_writer_hears_that_its_turn_is_over(self, world: World, sender: TusSender) -> None:
        path = sender.begin(len(BODY))
        silent = lock_at(world, sender, path, 0)
        world.age(0.6)
        lock_at(world, sender, path, 0)
        with pytest.raises(TakenOver):
            service.renew(world.database, world.settings, silent, None, is_alive=False)


class TestLostTurns:
    def overtake(self, world: World) -> None:
        with world.uow() as uow:
            uow.execute(text("UPDATE uploads SET turn = turn + 1"))

    def test_lost_while_the_file_is_copied(
        self, world: World, sender: TusSender, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = sender.begin(len(BODY))
        sender.send(path, 0, BODY[:10])
        lock_at(world, sender, path, 10)
        before, copy = world.files(), SharedPartialFiles.copy

        def slow(partial_files: SharedPartialFiles, key: str, new_key: str, size: int) -> None:
            copy(partial_files, key, new_key, size)
            self.overtake(world)

        monkeypatch.setattr(SharedPartialFiles, "copy", slow)
        world.age(0.6)
        with pytest.raises(TakenOver):
            lock_at(world, sender, path, 10)
        assert world.files() == before

    @pytest.mark.parametrize("seconds", [22.0, 3.0], ids=["a good clip", "one to be refused"])
    def test_lost_while_the_clip_is_judged(self, world: World, sender: TusSender, seconds: float) -> None:
        world.prober.facts["video"]["seconds"] = seconds
        lock = killed(world, sender, sender.begin(len(BODY)), BODY)
        file = world.ports.partial_files.resume(lock.part_key, len(BODY))
        self.overtake(world)
        with pytest.raises(TakenOver):
            service.finish(world.database, world.ports, world.settings, lock, file)
        file.close()
        assert (world.files(), world.queue.sent) == ([lock.part_key], [])

    def test_the_sweep_leaves_alone_what_its_client_finished_first(
        self, world: World, sender: TusSender, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = sender.begin(len(BODY))
        sender.send(path, 0, BODY)
        with world.uow() as uow:
            left = store.get(uow, upload_id(path))
        monkeypatch.setattr(store, "list_left", lambda *_: [left])
        assert service.sweep(world.database, world.ports, world.settings) == (0, 0)

    def test_who_is_no_more_opens_nothing(self, world: World, sender: TusSender) -> None:
        sender.player.headers = {"Authorization": f"Bearer {world.ports.tokens.issue(uuid4())}"}
        assert sender.create(10).json()["code"] == "not-signed-in"


class TestExpiry:
    def test_what_nobody_goes_on_with_is_410_then_swept_and_its_quota_returned(
        self, world: World, sender: TusSender
    ) -> None:
        world.change(upload_open_count=1)
        path = sender.begin(len(BODY))
        sender.send(path, 0, BODY[:10])
        with world.uow() as uow:
            uow.execute(text("UPDATE uploads SET expires_at = now()"))
        assert sender.ask("HEAD", path).status_code == 410
        assert sender.send(path, 10, b"x").status_code == 410
        assert sender.create(10).status_code == 201
        assert service.sweep(world.database, world.ports, world.settings) == (1, 0)
        assert sender.ask("HEAD", path).status_code == 404
        assert world.files() == []

    def test_a_chunk_gives_it_time_again(self, world: World, sender: TusSender) -> None:
        path = sender.begin(len(BODY))
        with world.uow() as uow:
            uow.execute(text("UPDATE uploads SET expires_at = now() + interval '5 seconds'"))
        sender.send(path, 0, b"x")
        with world.uow() as uow:
            left = uow.execute(text("SELECT expires_at - now() > interval '1 hour' FROM uploads")).scalar_one()
        assert left


class TestListing:
    def test_operators_see_what_is_open(self, world: World, sender: TusSender) -> None:
        path = sender.begin(len(BODY))
        sender.send(sender.begin(len(BODY)), 0, BODY)
        with world.uow() as uow:
            assert [upload.id for upload in service.list_open(uow, 10)] == [upload_id(path)]
