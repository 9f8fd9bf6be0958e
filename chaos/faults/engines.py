"""PostgreSQL and Valkey: killed, restarted, forgetful, deaf, full."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from chaos.faults.fault import Fault
from chaos.ground import Ground, signal_all
from chaos.stack import NoTarget

OUTAGE_SECONDS = 5.0
LOOK = 0.1
# A transaction of ours that has begun and is not over.
UNDER_WAY = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend' AND xact_start IS NOT NULL"
)


@contextmanager
def _postmaster(ground: Ground) -> Iterator[None]:
    ground.site.main("postgres").kill()
    yield


@contextmanager
def _backend(ground: Ground) -> Iterator[None]:
    """Kill a process of PostgreSQL: it then throws out everybody and recovers."""
    pids = [pid for (pid,) in ground.site.query(UNDER_WAY)] or [
        process.pid for process in ground.site.main("postgres").children()
    ]
    # The server may live in a namespace that numbers processes otherwise; as it is, it shares ours.
    psutil.Process(ground.chance.choice(pids)).kill()
    yield


@contextmanager
def _restart_in_transaction(ground: Ground) -> Iterator[None]:
    main = ground.site.main("postgres")
    with suppress(NoTarget):  # they are short: if none is met, the restart is at a random moment
        ground.find("transaction under way", lambda: ground.site.query(UNDER_WAY), seconds=3)
    main.send_signal(signal.SIGINT)  # "fast": transactions are broken off
    yield


@contextmanager
def _valkey_killed(ground: Ground) -> Iterator[None]:
    ground.site.main("valkey").kill()
    yield


@contextmanager
def _valkey_down(ground: Ground) -> Iterator[None]:
    yield from _keep_down(ground, OUTAGE_SECONDS)


@contextmanager
def _valkey_down_long(ground: Ground) -> Iterator[None]:
    yield from _keep_down(ground, ground.outage_seconds)


def _keep_down(ground: Ground, seconds: float) -> Iterator[None]:
    """Kill it as often as it comes back; what counts as back is that it answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(NoTarget, psutil.NoSuchProcess):
            ground.site.main("valkey").kill()
        time.sleep(LOOK)
    yield
    ground.find("queue that answers", ground.queue_answers, seconds=60)
    ground.queue_back = time.time()


@contextmanager
def _valkey_deaf(ground: Ground) -> Iterator[None]:
    """Hold it still: connections stay open and nothing is answered, while uploads go on."""
    main = ground.site.main("valkey")
    main.suspend()
    try:
        yield
    finally:
        signal_all([main], signal.SIGCONT)
    ground.find("queue that answers", ground.queue_answers, seconds=60)
    ground.queue_back = time.time()


@contextmanager
def _valkey_full(ground: Ground) -> Iterator[None]:
    """Let it take no message: an upload is committed, and then its task cannot be sent."""
    with ground.site.queue() as queue:
        queue.config_set("maxmemory", 1)
        try:
            yield
        finally:
            queue.config_set("maxmemory", 0)


@contextmanager
def _flushed(ground: Ground) -> Iterator[None]:
    with ground.site.queue() as queue:
        queue.flushall()
    yield


FAULTS = (
    Fault("PostgreSQL killed", _postmaster),
    Fault("a process of PostgreSQL killed", _backend),
    Fault("PostgreSQL restarted in mid-transaction", _restart_in_transaction),
    Fault("Valkey killed", _valkey_killed),
    Fault("Valkey down for 5 s", _valkey_down),
    Fault("Valkey deaf for 5 s while uploads go on", _valkey_deaf, stands=OUTAGE_SECONDS),
    Fault("Valkey full: sending fails after the commit", _valkey_full, stands=4),
    Fault("FLUSHALL", _flushed),
)
LONG = (Fault("Valkey down for minutes", _valkey_down_long, alone=True),)
