"""The offset that HEAD answers is the one that PATCH accepts."""

import threading

import pytest

from anb.resumable import service, store
from support.tus import TusSender, lock_at, original, upload_id
from support.worlds import World

BODY = b"\0\0\0\x18ftypisom a clip whose writers end"


@pytest.fixture
def sender(world: World) -> TusSender:
    world.change(upload_lease_seconds=0.5)
    return TusSender(world.player())


def test_it_waits_for_the_end_of_a_writer_whose_client_has_gone(world: World, sender: TusSender) -> None:
    path = sender.begin(len(BODY))
    dying = lock_at(world, sender, path, 0)
    chunk = world.ports.partial_files.resume(dying.part_key, 0)
    chunk.write(BODY[:10])

    def end() -> None:
        received = chunk.sync()
        service.release(world.database, world.settings, dying, received)

    ending = threading.Timer(0.2, end)
    ending.start()
    offset = sender.offset(path)
    ending.join()
    chunk.close()
    assert offset == 10
    assert sender.send(path, offset, BODY[offset:]).status_code == 204
    assert original(world) == BODY


def test_it_waits_for_no_longer_than_a_stuck_one_is_believed(world: World, sender: TusSender) -> None:
    path = sender.begin(len(BODY))
    lock_at(world, sender, path, 0)  # and the client never returns
    assert sender.offset(path) == 0
    with world.uow() as uow:
        found = store.get(uow, upload_id(path))
    assert found is not None
    assert not found.is_written
    assert sender.send(path, 0, BODY).status_code == 204


def test_it_does_not_wait_for_one_that_lives(world: World, sender: TusSender) -> None:
    path = sender.begin(len(BODY))
    lock, told = lock_at(world, sender, path, 0), threading.Event()

    def live() -> None:
        while not told.wait(0.05):
            service.renew(world.database, world.settings, lock, 7, is_alive=True)

    writer = threading.Thread(target=live)
    writer.start()
    offset = sender.offset(path)
    with world.uow() as uow:
        found = store.get(uow, upload_id(path))
    told.set()
    writer.join()
    assert offset in {0, 7}
    assert found is not None
    assert found.is_written


def test_who_asks_without_going_on_is_answered_at_once(world: World, sender: TusSender) -> None:
    world.change(upload_lease_seconds=60.0)
    path = sender.begin(len(BODY))
    lock_at(world, sender, path, 0)
    assert sender.ask("GET", path).json()["received"] == 0
