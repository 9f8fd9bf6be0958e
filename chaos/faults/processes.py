"""Our own processes and nginx: killed, told to stop, or held still for longer than a lease."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import psutil

from chaos.faults.fault import LEASE_SECONDS, Fault
from chaos.ground import Ground, signal_all


def _killed(part: str) -> Callable[[Ground], AbstractContextManager[None]]:
    """Kill the main process of a part."""

    @contextmanager
    def strike(ground: Ground) -> Iterator[None]:
        ground.site.main(part).kill()
        yield

    return strike


@contextmanager
def _server_process(ground: Ground) -> Iterator[None]:
    """Kill one process of web server or nginx that has a parent of the same kind."""
    found = [*ground.site.main("web").children(), *ground.site.main("nginx").children()]
    ground.chance.choice(found).kill()
    yield


@contextmanager
def _worker_main(ground: Ground) -> Iterator[None]:
    main = ground.site.main("worker")
    ground.hold_all()
    main.kill()
    yield


@contextmanager
def _worker_child(ground: Ground) -> Iterator[None]:
    ground.busy_child().kill()
    yield


@contextmanager
def _worker_whole(ground: Ground) -> Iterator[None]:
    main = ground.site.main("worker")
    ground.hold_all()
    signal_all([*main.children(recursive=True), main], signal.SIGKILL)
    yield


@contextmanager
def _worker_told(ground: Ground) -> Iterator[None]:
    ground.site.main("worker").terminate()
    yield


@contextmanager
def _encoder(ground: Ground) -> Iterator[None]:
    encoders = ground.find("FFmpeg at work", ground.site.encoders)
    ground.chance.choice(encoders).kill()
    yield


@contextmanager
def _zombie(ground: Ground) -> Iterator[None]:
    """Hold a working child still until its lease has long ended; then it comes back and goes on."""
    child = ground.busy_child()
    still = [child, *child.children(recursive=True)]
    signal_all(still, signal.SIGSTOP)
    try:
        yield
    finally:
        signal_all(still, signal.SIGCONT)


@contextmanager
def _everything(ground: Ground) -> Iterator[None]:
    if ground.running():
        ground.hold_all()
    ground.site.kill()
    ground.held = [replace(held, all_gone=True) for held in ground.held]
    yield


def _has_children(ground: Ground) -> str | None:
    """Say what lacks where neither server has processes of its own."""
    try:
        own = [*ground.site.main("web").children(), *ground.site.main("nginx").children()]
    except psutil.NoSuchProcess:
        return None
    return None if own else "neither server has child processes"


FAULTS = (
    Fault("web server killed", _killed("web")),
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
