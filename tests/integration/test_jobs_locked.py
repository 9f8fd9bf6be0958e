"""A process that stops in the middle of a transaction holds up only its own jobs."""

from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from anb.db.session import UnitOfWork
from anb.videos import processing
from support.outside import elsewhere
from support.publishing import begin
from support.waiting import let_time_pass
from support.worlds import AcceptedClip, World

LOCK = text("select id from jobs where id = :job for update")


def test_a_claim_passes_by_a_job_that_somebody_holds_locked(world: World) -> None:
    player = world.player()
    first, second = player.upload(), player.upload()
    with world.uow() as frozen:
        frozen.execute(LOCK, {"job": first.task_id})
        with world.uow() as uow:
            begun = processing.begin(uow, world.settings, "test")
    assert begun is not None
    assert begun[0].job_id == second.task_id


def test_the_reconciler_takes_back_all_but_what_is_locked(world: World) -> None:
    player = world.player()
    uploads = [player.upload() for _ in range(3)]
    for upload in uploads:
        begin(world, upload.task_id)
    world.age(world.settings.lease_seconds + 0.1)
    with world.uow() as frozen:
        frozen.execute(LOCK, {"job": uploads[0].task_id})
        elsewhere(partial(processing.reconcile, world.database, world.ports, world.settings))
    with world.uow() as uow:
        states = {row.id: row.state for row in uow.execute(text("select id, state from jobs"))}
    assert [states[one.task_id] for one in uploads] == ["running", "queued", "queued"]


def stand_still(world: World, frozen: UnitOfWork, upload: AcceptedClip) -> None:
    frozen.execute(LOCK, {"job": upload.task_id})
    let_time_pass(11, "PostgreSQL's own clock ends a session that idles, after 10 s")
    assert begin(world, upload.task_id) is not None
    frozen.execute(LOCK, {"job": upload.task_id})


@pytest.mark.slow
def test_postgresql_ends_a_session_that_idles_in_a_transaction(world: World) -> None:
    upload = world.player().upload()
    with pytest.raises(DBAPIError, match="idle-in-transaction"), world.uow() as frozen:
        stand_still(world, frozen, upload)
