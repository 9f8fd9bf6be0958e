"""Workers that acknowledge a message only after its job: ours, and Celery's own without any of our code."""

import os
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from celery import Celery

from anb import bootstrap, worker
from anb.settings import Settings, load

VISIBLE = 20  # seconds until an unacknowledged message is delivered again; the longest job must be shorter
LATE = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "visibility_timeout": VISIBLE,
    "result_backend_transport_options": {"visibility_timeout": VISIBLE},
}
SAYS = "ANB_BENCH_SAYS"  # environment variable of the file in which the plain task reports that it began
BROKER = "ANB_REDIS_URL"
NAP, QUEUE = "bench.nap", "anb.naps"
NAP_SECONDS = 600  # longer than any test waits


def late(build: Callable[[Settings], Celery]) -> Callable[[Settings], Celery]:
    """Make an application acknowledge late."""

    @wraps(build)
    def built(settings: Settings) -> Celery:
        app = build(settings)
        options: dict[str, Any] = app.conf.broker_transport_options
        app.conf.update(**LATE, broker_transport_options={**options, "visibility_timeout": VISIBLE})
        return app

    return built


def bare(broker: str) -> Celery:
    """Return a Celery application with late acknowledgement and otherwise default settings."""
    app = Celery("bare", broker=broker, set_as_current=False)
    app.conf.update(
        **LATE, broker_transport_options={"visibility_timeout": VISIBLE}, task_default_queue=QUEUE,
        task_ignore_result=True, worker_prefetch_multiplier=1, broker_connection_retry_on_startup=True,
    )  # fmt: skip

    def nap() -> None:
        with Path(os.environ[SAYS]).open("a") as said:
            said.write(f"{time.time()}\n")
        time.sleep(NAP_SECONDS)

    app.task(name=NAP)(nap)
    return app


if __name__ == "__main__":
    if sys.argv[1] == "bare":
        bare(os.environ[BROKER]).worker_main(["worker", "--concurrency=1", "--loglevel=WARNING"])
    else:
        bootstrap.build_celery = late(bootstrap.build_celery)  # type: ignore[assignment]
        worker.run(load(Settings))
