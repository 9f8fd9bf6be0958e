"""During an upgrade, workers understand the messages of the previous release, and its workers understand ours."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from anb.adapters.celery_queue import CeleryQueue, celery_app
from anb.settings import Settings
from support.waiting import until
from support.worlds import World

# As the previous release wrote it, except for ids and host names.
ID = "e3554ccd-35cc-4877-8bdd-cb9103e07ab8"
MESSAGE: dict[str, Any] = {
    "content-encoding": "utf-8",
    "content-type": "application/json",
    "headers": {
        "lang": "py",
        "task": "videos.process",
        "id": ID,
        "shadow": None,
        "eta": None,
        "expires": None,
        "group": None,
        "group_index": None,
        "retries": 0,
        "timelimit": [None, None],
        "root_id": ID,
        "parent_id": None,
        "kwargsrepr": "{}",
        "ignore_result": False,
        "replaced_task_nesting": 0,
        "stamped_headers": None,
        "stamps": {},
    },
    "properties": {
        "correlation_id": ID,
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": "anb.jobs"},
        "priority": 0,
        "body_encoding": "base64",
        "delivery_tag": "a41b40dc-83f9-42c1-8563-9ee139483b14",
    },
}
REST = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
WORKER = [sys.executable, "-m", "anb", "worker"]


@pytest.fixture
def settings(world: World, redis_url: str) -> Settings:
    return world.settings.model_copy(update={"redis_url": redis_url})


@pytest.fixture
def valkey(settings: Settings) -> Iterator[Any]:
    """A client of the broker, whose queue is empty before and after."""
    with celery_app(settings).connection_for_write() as connection:
        client = connection.default_channel.client
        client.flushdb()
        yield client
        client.flushdb()


def test_our_messages_are_what_workers_of_the_previous_release_expect(settings: Settings, valkey: Any) -> None:
    job = uuid4()
    CeleryQueue(celery_app(settings)).send(job)
    sent = json.loads(valkey.rpop("anb.jobs"))
    assert json.loads(base64.b64decode(sent["body"])) == [[str(job)], {}, REST]
    of_one_message = {"id", "root_id", "argsrepr", "origin", "correlation_id", "reply_to", "delivery_tag"}
    for part in ("headers", "properties"):
        shown = {name: value for name, value in sent[part].items() if name not in of_one_message}
        assert shown == {name: value for name, value in MESSAGE[part].items() if name not in of_one_message}


@pytest.mark.slow  # a real worker, which takes seconds to start
def test_a_message_of_the_previous_release_wakes_a_worker(settings: Settings, valkey: Any, tmp_path: Path) -> None:
    job: UUID = uuid4()
    body = base64.b64encode(json.dumps([[str(job)], {}, REST]).encode()).decode()
    valkey.lpush("anb.jobs", json.dumps(MESSAGE | {"body": body}))
    known = {
        "ANB_DATABASE_URL": str(settings.database_url),
        "ANB_REDIS_URL": str(settings.redis_url),
        "ANB_MEDIA_ROOT": str(settings.media_root),
        "ANB_WORK_DIR": str(tmp_path / "work"),
        "ANB_LOG_FORMAT": "json",
    }
    said = tmp_path / "worker.log"
    with said.open("w") as log, subprocess.Popen(WORKER, env=os.environ | known, stdout=log, stderr=log) as worker:
        try:
            until(lambda: f'"woken_by": "{job}"' in said.read_text(), 30)
        finally:
            worker.terminate()
    assert "videos.process.nothing" in said.read_text()
