"""Faults of our own processes and nginx: killed, stopped, or suspended for longer than a lease."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import psutil

from verify.chaos.fault_context import FaultContext, signal_all
from verify.chaos.faults.fault import LEASE_SECONDS, Fault


def _killed(part: str) -> Callable[[FaultContext], AbstractContextManager[None]]:
    """Kill the main process of a part."""

    @contextmanager
    def strike(context: FaultContext) -> Iterator[None]:
        context.site.main(part).kill()
        yield

    return strike


@contextmanager
def _server_process(context: FaultContext) -> Iterator[None]:
    """Kill one process of web server, upload process or nginx whose parent is of the same kind."""
    context.chance.choice(_children(context)).kill()
    yield


@contextmanager
def _worker_main(context: FaultContext) -> Iterator[None]:
    main = context.site.main("worker")
    context.hold_all()
    main.kill()
    yield


@contextmanager
def _worker_child(context: FaultContext) -> Iterator[None]:
    context.busy_child().kill()
    yield


@contextmanager
def _worker_whole(context: FaultContext) -> Iterator[None]:
    main = context.site.main("worker")
    context.hold_all()
    signal_all([*main.children(recursive=True), main], signal.SIGKILL)
    yield


@contextmanager
def _worker_told(context: FaultContext) -> Iterator[None]:
    context.site.main("worker").terminate()
    yield


@contextmanager
def _encoder(context: FaultContext) -> Iterator[None]:
    encoders = context.find("FFmpeg at work", context.site.encoders)
    context.chance.choice(encoders).kill()
    yield


@contextmanager
def _zombie(context: FaultContext) -> Iterator[None]:
    """Suspend a working child until its lease has long expired, then resume it."""
    child = context.busy_child()
    still = [child, *child.children(recursive=True)]
    signal_all(still, signal.SIGSTOP)
    try:
        yield
    finally:
        signal_all(still, signal.SIGCONT)


@contextmanager
def _everything(context: FaultContext) -> Iterator[None]:
    if context.running():
        context.hold_all()
    context.site.kill()
    context.held = [replace(held, all_gone=True) for held in context.held]
    yield


def _has_children(context: FaultContext) -> str | None:
    """Return why the fault is not possible, if no server has child processes."""
    try:
        own = _children(context)
    except psutil.NoSuchProcess:
        return None
    return None if own else "no server has child processes"


def _children(context: FaultContext) -> list[psutil.Process]:
    return [child for part in ("web", "uploads", "nginx") for child in context.site.main(part).children()]


FAULTS = (
    Fault("web server killed", _killed("web")),
    Fault("upload process killed", _killed("uploads")),
    Fault("live streams killed", _killed("streams")),
    Fault("nginx killed", _killed("nginx")),
    Fault("a child of web server or nginx killed", _server_process, lacks=_has_children),
    Fault("reconciler killed", _killed("reconcile")),
    Fault("worker's main process killed", _worker_main),
    Fault("worker's child killed", _worker_child),
    Fault("worker killed, main and children", _worker_whole),
    Fault("worker told to stop", _worker_told),
    Fault("FFmpeg killed", _encoder),
    Fault("worker's child held still beyond its lease", _zombie, stands=LEASE_SECONDS + 4),
    Fault("the whole stack killed", _everything),
)
