"""Held jobs: nothing begins one until it is released, and operators see it."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.jobs import holding
from anb.jobs import service as jobs
from anb.jobs.domain import JobState, Lane, Spacing
from anb.videos import processing
from support.commands import Anb, anb_on
from support.publishing import begin
from support.worlds import AcceptedClip, Player, World


@pytest.fixture
def player(world: World) -> Player:
    return world.player()


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    for run in anb_on(world, monkeypatch):
        yield partial(run, "jobs")


def held(world: World, player: Player) -> AcceptedClip:
    """Upload a clip and hold its job."""
    clip = player.upload()
    claim = begin(world, clip.task_id)
    assert claim
    with world.uow() as uow:
        assert holding.hold(uow, claim)
    world.queue.sent.clear()
    return clip


def state(world: World, job: UUID, owner: UUID) -> JobState:
    with world.uow() as uow:
        return jobs.follow(uow, job, owner, organizer=False).state


def test_no_worker_and_no_reconciler_takes_it(world: World, player: Player) -> None:
    clip = held(world, player)
    with world.uow() as uow:
        uow.execute(text("update jobs set available_at = now() - interval '1 hour' where state = 'held'"))
    with world.uow() as uow:
        assert jobs.claim(uow, world.settings, "worker") is None
    processing.reconcile(world.database, world.ports, world.settings)
    assert world.queue.sent == []
    assert state(world, clip.task_id, player.id) is JobState.HELD


def test_released_jobs_are_spaced_as_new_ones_and_wake_a_worker_each(world: World, player: Player) -> None:
    clips = [held(world, player) for _ in range(3)]
    with world.uow() as uow:
        assert holding.release(uow, world.ports, world.settings, player.id) == 3
        assert world.queue.sent == []  # not before the commit
    assert world.queue.sent == [clip.task_id for clip in clips]
    with world.uow() as uow:
        turns = list(uow.execute(text("select extract(epoch from turn_at) from jobs order by id")).scalars())
    spacing = float(world.settings.turn_spacing_seconds)
    assert [float(later - earlier) for earlier, later in pairwise(turns)] == pytest.approx([spacing, spacing], abs=0.01)
    assert begin(world, clips[0].task_id)


def test_only_the_jobs_of_one_player_are_released(world: World, player: Player) -> None:
    clip, other = held(world, player), world.player("Otra Jugadora")
    theirs = held(world, other)
    with world.uow() as uow:
        assert [job.id for job in holding.list_held(uow, player.id)] == [clip.task_id]
        assert set(holding.list_owners(uow)) == {player.id, other.id}
        holding.release(uow, world.ports, world.settings, other.id)
    assert state(world, clip.task_id, player.id) is JobState.HELD
    assert state(world, theirs.task_id, other.id) is JobState.QUEUED


def test_a_new_held_job_wakes_nobody_and_is_released_once(world: World, player: Player) -> None:
    clip = player.upload()
    world.queue.sent.clear()
    with world.uow() as uow:
        job = holding.add(uow, clip.video_id, player.id, Lane.LIGHT, Spacing(0))
    assert world.queue.sent == []
    with world.uow() as uow:
        assert holding.release(uow, world.ports, world.settings, player.id) == 1
        assert holding.release(uow, world.ports, world.settings, player.id) == 0
    assert world.queue.sent == [job]


def test_its_owner_may_delete_the_clip(world: World, player: Player) -> None:
    clip = held(world, player)
    answer = world.client.delete(f"/api/videos/{clip.video_id}", headers=player.headers)
    assert answer.status_code == 200, answer.text
    assert state(world, clip.task_id, player.id) is JobState.CANCELLED


def test_operators_see_it(world: World, player: Player, anb: Anb) -> None:
    clip = held(world, player)
    listed = anb("list", "--state", "held")
    assert listed.exit_code == 0, listed.output
    assert str(clip.task_id) in listed.output
    assert "held 1" in listed.output
    line = world.client.get("/api/admin/line", headers=world.organizer().headers).json()
    assert (line["held"], line["due"]) == (1, 0)
