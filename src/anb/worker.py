"""Builds the Celery application of a worker, and the reconciler that runs beside it."""

import multiprocessing
import os
import socket
import threading
from uuid import UUID

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown, worker_shutting_down
from sqlalchemy.exc import SQLAlchemyError

from anb import bootstrap
from anb.db.session import connect
from anb.logs import configure, logger
from anb.settings import Settings
from anb.videos import service
from anb.videos.tasks import Work, process

log = logger(__name__)


def build(settings: Settings) -> Celery:
    """Make the worker's application. Each child opens its own connections, after the fork."""
    app = bootstrap.build_celery(settings)
    stopping = multiprocessing.get_context("fork").Event()
    works: list[Work] = []

    def open_work(**_: object) -> None:
        configure(settings.log_format)
        ports = bootstrap.build_ports(settings, app)
        name = f"{socket.gethostname()}:{os.getpid()}"
        works.append(Work(settings, connect(settings), ports, name, stopping.is_set))

    def close_work(**_: object) -> None:
        for work in works:
            work.database.close()

    def stop(**_: object) -> None:
        # Edits under way are given back at once: their job is queued again, and this process ends within seconds.
        stopping.set()

    def take(job_id: str) -> None:
        process(works[0], UUID(job_id))

    worker_process_init.connect(open_work, weak=False)
    worker_process_shutdown.connect(close_work, weak=False)
    worker_shutting_down.connect(stop, weak=False)
    app.task(name=bootstrap.PROCESS)(take)
    return app


def run(settings: Settings) -> None:
    """Work until told to stop."""
    build(settings).worker_main(
        ["worker", f"--concurrency={settings.worker_processes}", "--without-gossip", "--without-mingle",
         "--without-heartbeat", "--loglevel=WARNING", f"--hostname=anb@{socket.gethostname()}"]
    )  # fmt: skip


def reconcile(settings: Settings, stopped: threading.Event) -> None:
    """Look for lost jobs until told to stop. Any number of these may run; one works at a time."""
    database, ports = connect(settings), bootstrap.build_ports(settings)
    log.info("jobs.reconcile.begun")
    while not stopped.wait(settings.reconcile_seconds):
        try:
            with database.transaction() as uow:
                service.reconcile(uow, ports, settings)
        except SQLAlchemyError as error:
            log.warning("jobs.reconcile.failed", error=repr(error))
    database.close()
