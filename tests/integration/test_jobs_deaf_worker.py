"""A real worker that has stopped consuming the queue exits with a status that makes it start again."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from celery import Celery
from sqlalchemy import text

from anb.adapters.celery_queue import CeleryQueue, celery_app
from anb.worker import STALLED
from support.worlds import World

# A worker as `anb worker` runs it, whose consumer leaves the queue as soon as it is ready.
DEAF = """
from celery.signals import worker_ready
from anb import worker
from anb.adapters.celery_queue import QUEUE
from anb.logs import configure
from anb.settings import Settings, load

def deafen(sender, **_):
    sender.cancel_task_queue(QUEUE)

worker_ready.connect(deafen)
configure("json")
worker.run(load(Settings))
"""


@pytest.mark.slow
def test_a_worker_that_is_deaf_ends_once_a_message_waits(world: World, redis_url: str, tmp_path: Path) -> None:
    settings = world.settings.model_copy(update={"redis_url": redis_url})
    app: Celery = celery_app(settings)
    known = {
        "ANB_DATABASE_URL": str(settings.database_url),
        "ANB_REDIS_URL": redis_url,
        "ANB_MEDIA_ROOT": str(settings.media_root),
        "ANB_WORK_DIR": str(tmp_path / "work"),
        "ANB_STALL_SECONDS": "2",
    }
    world.player().upload()
    with world.uow() as uow:
        uow.execute(text("update jobs set available_at = now() - interval '1 minute'"))
    said = tmp_path / "worker.log"
    with said.open("w") as log:
        worker = subprocess.Popen(
            [sys.executable, "-c", DEAF], env={**os.environ, **known}, stdout=log, stderr=log, start_new_session=True
        )
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                worker.wait(8)  # the queue is empty, and the worker stays
            CeleryQueue(app).send(uuid4())
            assert worker.wait(20) == STALLED, said.read_text()
            assert "jobs.worker.stalled" in said.read_text()
        finally:
            worker.kill()
            worker.wait()
            with app.connection_for_write() as connection:
                connection.default_channel.client.flushdb()
