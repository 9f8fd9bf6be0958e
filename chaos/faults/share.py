"""The share: full, read-only, or as silent as an NFS server that is gone."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from chaos.faults.fault import Fault
from chaos.ground import Ground, signal_all


@contextmanager
def _full(ground: Ground) -> Iterator[None]:
    with ground.share.full():
        yield


@contextmanager
def _read_only(ground: Ground) -> Iterator[None]:
    with ground.share.read_only():
        yield


@contextmanager
def _stalled(ground: Ground) -> Iterator[None]:
    assert ground.share.bindfs is not None
    ground.share.bindfs.suspend()
    try:
        yield
    finally:
        signal_all([ground.share.bindfs], signal.SIGCONT)


def _no_mount(ground: Ground) -> str | None:
    return ground.share.why_not


def _no_fuse(ground: Ground) -> str | None:
    return ground.share.why_not or (None if ground.share.bindfs else "no bindfs, or no FUSE, on this machine")


FAULTS = (
    Fault("the share full", _full, stands=3, lacks=_no_mount),
    Fault("the share read-only", _read_only, stands=3, lacks=_no_mount),
    Fault("the share stalled", _stalled, stands=6, lacks=_no_fuse, alone=True),  # nobody can even be killed meanwhile
)
