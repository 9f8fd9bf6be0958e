"""A clock that jumps in one of several workers (libfaketime). The machine's own clock is never changed."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from anb.local.supervisor import child
from verify.chaos.fault_context import FaultContext
from verify.chaos.faults.fault import Fault

STEPS = ("+1h", "-2h")
# With libfaketime, Python's sleep fails with EINVAL: it names a moment of the real clock.
SLEEP = """import select, time
time.sleep = lambda seconds: (select.select([], [], [], seconds), None)[1]
"""
LIBRARIES = ("libfaketimeMT.so.1", "libfaketime.so.1")


@contextmanager
def _stepped(context: FaultContext) -> Iterator[None]:
    """Start a separate worker, let it take a job, and step its clock while it works."""
    folder = context.site.folder.parent
    clock = folder / "clock"
    clock.write_text("+0\n", encoding="ascii")
    (folder / "sitecustomize.py").write_text(SLEEP, encoding="ascii")
    faked = {
        "PYTHONPATH": str(folder),
        "LD_PRELOAD": str(_library()),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",  # a step changes the date, not the time since boot
        child.MARK: str(context.site.folder),
    }
    command = [sys.executable, "-m", "anb", "worker"]
    log, known = folder / "stepped.log", context.site.environment | faked
    process = child.spawn(command, log=log, folder=folder, environment=known)
    try:
        context.find("job of the stepped worker", lambda: _works(context, process.pid), seconds=30)
        for step in STEPS:
            clock.write_text(f"{step}\n", encoding="ascii")
            context.find("job of the stepped worker", lambda: _works(context, process.pid), seconds=30)
        yield
    finally:
        child.end(process, signal.SIGTERM, 5)


def _works(context: FaultContext, main: int) -> bool:
    mine = {str(process.pid) for process in psutil.Process(main).children()}
    return any(worker.rpartition(":")[2] in mine for _, _, worker in context.running())


def _library() -> Path | None:
    found = [path for name in LIBRARIES for path in Path("/usr/lib").glob(f"**/faketime/{name}")]
    return found[0] if found else None


def _no_faketime(_context: FaultContext) -> str | None:
    return None if _library() else "no libfaketime on this machine"


FAULTS = (Fault("the clock of one worker stepped", _stepped, lacks=_no_faketime, alone=True),)
