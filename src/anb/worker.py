"""Builds the Celery application of a worker, and runs the reconciler."""

import multiprocessing
import os
import random
import socket
import threading
import time
from collections.abc import Callable
from uuid import UUID

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown, worker_ready, worker_shutting_down
from celery.worker import state
from sqlalchemy.exc import SQLAlchemyError

from anb import bootstrap
from anb.contest.periodic import begin_season_work
from anb.contest.tasks import Work, process_next
from anb.counting.periodic import begin_counting
from anb.db.session import connect
from anb.fraud.periodic import begin_searching
from anb.jobs.stall_detector import StallDetector, WorkerStats
from anb.logs import configure, logger
from anb.privacy.periodic import begin_leaving
from anb.results.closing import begin_closing
from anb.resumable.sweeping import begin_sweeping
from anb.settings import Settings
from anb.videos import processing

log = logger(__name__)

STALLED = 75  # exit status: EX_TEMPFAIL, worth another start
PATIENCE = 4  # seconds in which a stalled worker hands over its edits


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
        # Running edits are handed over at once: their jobs are queued again, and this process ends within seconds.
        stopping.set()

    def take(job_id: str) -> None:
        process_next(works[0], UUID(job_id))

    def keep_watch(**_: object) -> None:
        watcher = threading.Thread(target=watch, args=(settings, app, stopping.set), name="watch", daemon=True)
        watcher.start()

    worker_process_init.connect(open_work, weak=False)
    worker_process_shutdown.connect(close_work, weak=False)
    worker_shutting_down.connect(stop, weak=False)
    worker_ready.connect(keep_watch, weak=False)
    app.task(name=bootstrap.PROCESS)(take)
    return app


def run(settings: Settings) -> None:
    """Work until told to stop."""
    build(settings).worker_main(
        ["worker", f"--concurrency={settings.worker_processes}", "--without-gossip", "--without-mingle",
         "--without-heartbeat", "--loglevel=WARNING", f"--hostname=anb@{socket.gethostname()}"]
    )  # fmt: skip


def watch(settings: Settings, app: Celery, stop: Callable[[], object]) -> None:
    """End this worker, with a status of its own, once it is idle and takes no job though jobs wait."""
    seen = StallDetector(connect(settings), bootstrap.build_ports(settings, app).queue, settings, stats)
    while not seen.is_stalled():
        time.sleep(seen.pause)
    stop()
    deadline = time.monotonic() + PATIENCE
    while state.active_requests and time.monotonic() < deadline:
        time.sleep(0.1)
    # A thread that hangs would prevent an orderly exit; the children end with their pipes.
    os._exit(STALLED)


def stats() -> WorkerStats:
    """Return what Celery's main process knows of its children's work."""
    return WorkerStats(busy=len(state.active_requests), taken=sum(state.total_count.values()))


def reconcile(settings: Settings, stopped: threading.Event) -> None:
    """Look for lost jobs until told to stop. Any number of these may run; one works at a time."""
    database, ports = connect(settings), bootstrap.build_ports(settings)
    begin_sweeping(database, ports, settings, stopped)
    begin_leaving(database, ports, settings, stopped)
    begin_season_work(database, stopped)
    begin_closing(database, settings, stopped)
    begin_searching(database, settings, stopped)
    begin_counting(database, settings, stopped)
    log.info("jobs.reconcile.begun")
    # A random factor, or reconcilers that were started together would always run together.
    while not stopped.wait(settings.reconcile_seconds * random.uniform(0.8, 1.2)):  # noqa: S311
        try:
            processing.reconcile(database, ports, settings)
        except SQLAlchemyError as error:
            log.warning("jobs.reconcile.failed", error=repr(error))
    database.close()
