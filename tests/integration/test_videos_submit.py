"""The steps of a submission: judge, store, register. Whatever fails, each row has its file and each file its row."""

import pytest
from sqlalchemy import text

from anb.db.session import UnitOfWork
from anb.media.rules import TooShort
from anb.ports import Receiving
from anb.videos import service
from anb.videos.domain import NoRoom
from support.worlds import Player, World


def received(world: World) -> Receiving:
    file = world.ports.media.receive()
    file.write(b"\0\0\0\x18ftypisom a clip")
    return file


def judged(world: World, player: Player) -> service.JudgedClip:
    description = service.ClipDescription(player.id, "Mi triple")
    return service.judge(world.ports, world.settings, description, received(world))


def count(world: World, table: str) -> int:
    with world.uow() as uow:
        return int(uow.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608 - ours


def test_a_clip_that_breaks_a_rule_gets_no_place(world: World) -> None:
    world.prober.facts["video"]["seconds"] = 3
    with pytest.raises(TooShort):
        judged(world, world.player())
    assert [name for name in world.files() if not name.endswith(".part")] == []


def test_the_file_is_in_its_place_before_the_row_is_committed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clip, commit, seen = judged(world, world.player()), UnitOfWork.commit, list[list[str]]()

    def look(uow: UnitOfWork) -> None:
        seen.append(world.files())
        commit(uow)

    with monkeypatch.context() as watching:
        watching.setattr(UnitOfWork, "commit", look)
        with world.database.transaction() as uow, service.stored(uow, world.ports, clip) as stored:
            made = service.register(uow, world.ports, world.settings, stored)
            assert world.queue.sent == []
    assert seen == [[stored.file.key]] == [world.files()]
    assert world.queue.sent == [made.job_id]


def test_what_is_refused_after_the_registration_leaves_no_row_no_file_and_no_message(world: World) -> None:
    clip = judged(world, world.player())

    def submit() -> None:
        with world.database.transaction() as uow, service.stored(uow, world.ports, clip) as stored:
            service.register(uow, world.ports, world.settings, stored)
            raise NoRoom

    # The share of a world refuses calls during a transaction: this submission's transaction is over by then.
    with pytest.raises(NoRoom):
        submit()
    assert (count(world, "videos"), count(world, "jobs"), world.files(), world.queue.sent) == (0, 0, [], [])


def test_a_connection_that_breaks_while_it_is_given_back_costs_no_space(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip, close = judged(world, world.player()), UnitOfWork.close

    def break_off(uow: UnitOfWork) -> None:
        close(uow)
        raise ConnectionError("the database went away")

    def submit() -> None:
        with world.database.transaction() as uow, service.stored(uow, world.ports, clip) as stored:
            service.register(uow, world.ports, world.settings, stored)
            raise NoRoom

    with monkeypatch.context() as breaking:
        breaking.setattr(UnitOfWork, "close", break_off)
        with pytest.raises(ConnectionError):
            submit()
    assert world.files() == []
