"""Photos of one person that come at the same moment: one stays, and no file of the others is left over."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from anb.db.session import UnitOfWork
from anb.photos import service as photos
from anb.photos.domain import Photo, PhotoSide
from anb.ports import MadePhoto
from support.locks import while_uncommitted
from support.photo_owner import JPEG, OWN, add, kept, send
from support.worlds import Player, World


def current(player: Player) -> list[str]:
    """Return the keys of a person's photo."""
    with player.world.uow() as uow:
        photo = photos.own(uow, player.id)
    assert photo is not None
    return sorted(photo.files[side].key for side in PhotoSide)


@pytest.mark.parametrize("has_one", [False, True], ids=["the first photo", "another photo"])
def test_of_two_at_once_one_stays(world: World, monkeypatch: pytest.MonkeyPatch, has_one: bool) -> None:
    player = world.player()
    if has_one:
        add(player)
    both, real = Barrier(2, timeout=20), world.photos.make

    def together(*asked: object) -> MadePhoto:
        made = real(*asked)  # type: ignore[arg-type]  # as it was called
        both.wait()  # neither begins its transaction before both have their pictures
        return made

    monkeypatch.setattr(world.photos, "make", together)
    with ThreadPoolExecutor(2) as senders:
        answers = list(senders.map(lambda more: send(player, JPEG + more), (b"1", b"22")))
    assert [status for status, _ in answers] == [200, 200], answers
    assert kept(world) == current(player)


def test_the_second_waits_for_the_first_and_takes_its_place(world: World) -> None:
    player = world.player()
    made = MadePhoto(b"large", b"small")
    first: list[Photo] = []

    def put(uow: UnitOfWork) -> None:
        with photos.stored(uow, world.ports, made) as files:
            first.append(photos.replace(uow, world.ports, player.id, files))

    assert while_uncommitted(world, put, lambda: send(player)[0]).result(20) == 200
    assert kept(world) == current(player)
    assert not {file.key for file in first[0].files.values()} & set(kept(world))


def test_a_photo_and_its_removal_at_once_leave_both_files_or_none(world: World) -> None:
    player = world.player()
    add(player)

    def put(uow: UnitOfWork) -> None:
        with photos.stored(uow, world.ports, MadePhoto(b"large", b"small")) as files:
            photos.replace(uow, world.ports, player.id, files)

    removed = while_uncommitted(world, put, lambda: world.client.delete(OWN, headers=player.headers).status_code)
    assert removed.result(20) == 204
    assert kept(world) == []
