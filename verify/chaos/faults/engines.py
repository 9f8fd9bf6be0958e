"""Faults of PostgreSQL and Valkey: killed, restarted, emptied, unresponsive, full."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from verify.chaos.fault_context import FaultContext, signal_all
from verify.chaos.faults.fault import Fault
from verify.kit.platform import NoTarget

OUTAGE_SECONDS = 5.0
LOOK = 0.1
# One of our open transactions.
UNDER_WAY = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend' AND xact_start IS NOT NULL"
)


@contextmanager
def _postmaster(context: FaultContext) -> Iterator[None]:
    context.site.main("postgres").kill()
    yield


@contextmanager
def _backend(context: FaultContext) -> Iterator[None]:
    """Kill a process of PostgreSQL, which then ends every connection and recovers."""
    pids = [pid for (pid,) in context.site.query(UNDER_WAY)] or [
        process.pid for process in context.site.main("postgres").children()
    ]
    # The server may be in a namespace with other process ids. Here it shares ours.
    psutil.Process(context.chance.choice(pids)).kill()
    yield


@contextmanager
def _restart_in_transaction(context: FaultContext) -> Iterator[None]:
    main = context.site.main("postgres")
    with suppress(NoTarget):  # they are short: if none is found, the restart is at a random moment
        context.find("transaction under way", lambda: context.site.query(UNDER_WAY), seconds=3)
    main.send_signal(signal.SIGINT)  # "fast": aborts transactions
    yield


@contextmanager
def _valkey_killed(context: FaultContext) -> Iterator[None]:
    context.site.main("valkey").kill()
    yield


@contextmanager
def _valkey_down(context: FaultContext) -> Iterator[None]:
    yield from _keep_down(context, OUTAGE_SECONDS)


@contextmanager
def _valkey_down_long(context: FaultContext) -> Iterator[None]:
    yield from _keep_down(context, context.outage_seconds)


def _keep_down(context: FaultContext, seconds: float) -> Iterator[None]:
    """Kill it whenever it comes back, until the time is over; then wait until it answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(NoTarget, psutil.NoSuchProcess):
            context.site.main("valkey").kill()
        time.sleep(LOOK)
    yield
    context.find("queue that answers", context.queue_answers, seconds=60)
    context.queue_back = time.time()


@contextmanager
def _valkey_deaf(context: FaultContext) -> Iterator[None]:
    """Suspend it: connections stay open without answers, while uploads continue."""
    main = context.site.main("valkey")
    main.suspend()
    try:
        yield
    finally:
        signal_all([main], signal.SIGCONT)
    context.find("queue that answers", context.queue_answers, seconds=60)
    context.queue_back = time.time()


@contextmanager
def _valkey_full(context: FaultContext) -> Iterator[None]:
    """Make it refuse messages: an upload is committed, and then its task cannot be sent."""
    with context.site.queue() as queue:
        queue.config_set("maxmemory", 1)
        try:
            yield
        finally:
            queue.config_set("maxmemory", 0)


@contextmanager
def _flushed(context: FaultContext) -> Iterator[None]:
    with context.site.queue() as queue:
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
