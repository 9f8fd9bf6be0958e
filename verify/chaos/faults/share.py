"""Faults of the share: full, read-only, or not responding, like a lost NFS server."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from verify.chaos.fault_context import FaultContext, signal_all
from verify.chaos.faults.fault import Fault


@contextmanager
def _full(context: FaultContext) -> Iterator[None]:
    with context.share.full():
        yield


@contextmanager
def _read_only(context: FaultContext) -> Iterator[None]:
    with context.share.read_only():
        yield


@contextmanager
def _stalled(context: FaultContext) -> Iterator[None]:
    assert context.share.bindfs is not None
    context.share.bindfs.suspend()
    try:
        yield
    finally:
        signal_all([context.share.bindfs], signal.SIGCONT)


def _no_mount(context: FaultContext) -> str | None:
    return context.share.why_not


def _no_fuse(context: FaultContext) -> str | None:
    return context.share.why_not or (None if context.share.bindfs else "no bindfs, or no FUSE, on this machine")


FAULTS = (
    Fault("the share full", _full, stands=3, lacks=_no_mount),
    Fault("the share read-only", _read_only, stands=3, lacks=_no_mount),
    Fault("the share stalled", _stalled, stands=6, lacks=_no_fuse, alone=True),  # even kill has no effect meanwhile
)
