"""The task queue on real Valkey."""

import socket
from uuid import uuid4

import pytest

from anb.adapters.celery_queue import CeleryQueue, celery_app
from anb.errors import Outage
from anb.ports import JobQueue
from anb.settings import Settings
from support.fakes import FakeQueue
from support.worlds import World


@pytest.fixture(params=["celery", "fake"])
def queue(request: pytest.FixtureRequest, world: World) -> JobQueue:
    if request.param == "fake":
        return FakeQueue()
    app = celery_app(world.settings)
    with app.connection_for_write() as connection:
        connection.default_channel.client.flushdb()
    return CeleryQueue(app)


def test_what_is_sent_waits_until_somebody_takes_it(queue: JobQueue) -> None:
    assert queue.depth() == 0
    queue.send(uuid4())
    queue.send(uuid4())
    assert queue.depth() == 2


def test_a_broker_that_is_down_is_an_outage_at_once(world: World) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
        settings = Settings(**(world.settings.model_dump() | {"redis_url": url}))
        queue = CeleryQueue(celery_app(settings))
        with pytest.raises(Outage):
            queue.send(uuid4())
        with pytest.raises(Outage):
            queue.depth()
