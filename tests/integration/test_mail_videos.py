"""What a player is told of a clip: once, when its first edit is ready, or when there will be none."""

from collections.abc import Callable
from typing import NoReturn

import pytest

from anb.accounts.links import Purpose
from anb.contest import tasks
from anb.errors import Outage
from anb.jobs import service as jobs
from anb.media.edit import UNREADABLE_TO_ITS_END, EditRejected
from anb.videos import processing
from anb.videos import service as videos
from support.inbox import PostedMail, inbox, newest
from support.publishing import publish
from support.worlds import AcceptedClip, Player, World

ABOUT_CLIPS = {"video_ready", "video_refused"}


@pytest.fixture
def player(world: World) -> Player:
    player = world.player()
    confirm(world, player)
    return player


def confirm(world: World, player: Player) -> None:
    link = newest(world, player.email, "confirm_email")
    headers = {"Origin": "https://testserver"}
    assert world.client.post(f"/account/{Purpose.CONFIRM}", data={"token": link.token}, headers=headers).is_success


def told(world: World, player: Player) -> list[PostedMail]:
    return [mail for mail in inbox(world, player.email) if mail.kind in ABOUT_CLIPS]


Fail = Callable[[AcceptedClip, Exception], None]


@pytest.fixture
def fail(world: World, monkeypatch: pytest.MonkeyPatch) -> Fail:
    def run(clip: AcceptedClip, how: Exception) -> None:
        def edit(*_: object, **__: object) -> NoReturn:
            raise how

        monkeypatch.setattr("anb.media.edit.edit", edit)
        work = tasks.Work(world.settings, world.database, world.ports, "test", lambda: False)
        tasks.process_next(work, clip.task_id)

    return run


def test_a_clip_that_is_ready_is_told_once_also_after_another_edit(world: World, player: Player) -> None:
    clip = player.upload("Mi triple")
    publish(world, clip)
    (mail,) = told(world, player)
    assert (mail.kind, mail.facts["title"], mail.path) == ("video_ready", "Mi triple", f"/videos/{clip.video_id}")
    with world.uow() as uow:
        videos.reedit(uow, world.ports, older_than=None, every=0)
    job = world.queue.sent[-1]
    publish(world, AcceptedClip(clip.video_id, job))
    assert len(told(world, player)) == 1


def test_a_clip_that_cannot_be_edited_is_told_with_its_reason(world: World, player: Player, fail: Fail) -> None:
    fail(player.upload("Mi triple"), EditRejected(UNREADABLE_TO_ITS_END, "frame 3"))
    (mail,) = told(world, player)
    assert mail.kind == "video_refused"
    assert mail.facts["reason"] == UNREADABLE_TO_ITS_END.text("es")


def test_our_own_fault_is_told_only_once_it_is_final(world: World, player: Player, fail: Fail) -> None:
    clip = player.upload()
    for attempt in range(world.settings.job_attempts):
        assert told(world, player) == [], attempt
        fail(clip, Outage("the disk is full"))
        world.age(600)
    assert [mail.kind for mail in told(world, player)] == ["video_refused"]


def test_a_worker_that_died_too_often_is_told_too(world: World, player: Player) -> None:
    player.upload()
    for _ in range(world.settings.job_deaths):
        with world.uow() as uow:
            assert jobs.claim(uow, world.settings, "worker") is not None
        world.age(60)
        processing.reconcile(world.database, world.ports, world.settings)
    assert [mail.kind for mail in told(world, player)] == ["video_refused"]


def test_an_address_that_is_not_confirmed_gets_no_title(world: World) -> None:
    stranger = world.player("Ana Gómez")
    publish(world, stranger.upload("Compra en https://spam.example"))
    assert told(world, stranger) == []
