"""The task queue: Celery messages on a Redis-protocol broker."""

from typing import Any
from uuid import UUID

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from anb.errors import Outage
from anb.settings import Settings

QUEUE = "anb.jobs"
PROCESS = "videos.process"


def celery_app(settings: Settings) -> Celery:
    """Make the Celery application that sends and takes our messages.

    A message only wakes a worker; the lease of the job's row decides who works. So Celery acknowledges a message at
    once (early), and a process takes one only when it is free (`worker_disable_prefetch`): no message waits in a busy
    worker, and none is delivered again while its job runs. See docs/decisions.
    """
    app = Celery("anb", broker=str(settings.redis_url), set_as_current=False)
    beyond = int(settings.job_hard_seconds) + 60
    app.conf.update(
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_acks_late=False,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,  # our logs go to standard error, and a proxy there would swallow them
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # The shortest of these timeouts wins, so none may be shorter than the longest job.
        visibility_timeout=beyond,
        result_backend_transport_options={"visibility_timeout": beyond},
        broker_transport_options={
            "visibility_timeout": beyond,
            # When the broker is down, fail at once: the row waits, and the reconciler sends the message again.
            "max_retries": 1,
            "interval_start": 0,
            "interval_max": 0.2,
            "socket_timeout": 10,
            "socket_connect_timeout": 3,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
    )
    return app


class CeleryQueue:
    """Implements JobQueue."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def send(self, job_id: UUID) -> None:
        """Wake a worker for a job. Raises Outage when the broker cannot be reached."""
        try:
            self._app.send_task(PROCESS, args=[str(job_id)], queue=QUEUE, retry=False)
        except (OperationalError, RedisError, OSError) as error:
            raise Outage("the task queue cannot be reached") from error

    def depth(self) -> int:
        """Count the messages that no worker has taken yet. Raises Outage."""
        try:
            with self._app.connection_for_read() as connection:
                client: Any = connection.default_channel.client
                return int(client.llen(QUEUE))
        except (OperationalError, RedisError, OSError) as error:
            raise Outage("the task queue cannot be reached") from error
