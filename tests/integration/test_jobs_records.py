"""What a row of a job tells later: which worker has it, and when it was created."""

import pytest
from sqlalchemy import text

from anb.jobs import service as jobs
from support.worlds import Player, World


@pytest.fixture
def player(world: World) -> Player:
    player = world.player()
    player.upload()
    return player


@pytest.mark.usefixtures("player")
def test_a_claimed_job_names_its_worker(world: World) -> None:
    with world.uow() as uow:
        claim = jobs.claim(uow, world.settings, "worker-7:4711")
    assert claim is not None
    with world.uow() as uow:
        record, events = jobs.show(uow, claim.job_id)
    assert record.worker == "worker-7:4711"
    assert events[-1].worker == "worker-7:4711"


def test_jobs_are_counted_for_exactly_the_seconds_asked_for(world: World, player: Player) -> None:
    with world.uow() as uow:
        uow.execute(text("update jobs set created_at = now() - interval '2 hours'"))
        assert jobs.count_since(uow, player.id, 2 * 3600 - 60) == 0
        assert jobs.count_since(uow, player.id, 2 * 3600 + 60) == 1
