"""A clock that jumps, of one worker beside the others (libfaketime). The machine's own clock is never touched."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from anb.stack import child
from chaos.faults.fault import Fault
from chaos.ground import Ground

STEPS = ("+1h", "-2h")
# libfaketime lets Python's sleep, which names a moment of the untouched clock, fail with EINVAL.
SLEEP = """import select, time
time.sleep = lambda seconds: (select.select([], [], [], seconds), None)[1]
"""
LIBRARIES = ("libfaketimeMT.so.1", "libfaketime.so.1")


@contextmanager
def _stepped(ground: Ground) -> Iterator[None]:
    """Let a worker of its own take a job, and step its clock while it works."""
    folder = ground.site.folder.parent
    clock = folder / "clock"
    clock.write_text("+0\n", encoding="ascii")
    (folder / "sitecustomize.py").write_text(SLEEP, encoding="ascii")
    faked = {
        "PYTHONPATH": str(folder),
        "LD_PRELOAD": str(_library()),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",  # a step moves the calendar, not the time since boot
        child.MARK: str(ground.site.folder),
    }
    command = [sys.executable, "-m", "anb", "worker"]
    log, known = folder / "stepped.log", ground.site.environment | faked
    process = child.spawn(command, log=log, folder=folder, environment=known)
    try:
        ground.find("job of the stepped worker", lambda: _works(ground, process.pid), seconds=30)
        for step in STEPS:
            clock.write_text(f"{step}\n", encoding="ascii")
            ground.find("job of the stepped worker", lambda: _works(ground, process.pid), seconds=30)
        yield
    finally:
        child.end(process, signal.SIGTERM, 5)


def _works(ground: Ground, main: int) -> bool:
    mine = {str(process.pid) for process in psutil.Process(main).children()}
    return any(worker.rpartition(":")[2] in mine for _, _, worker in ground.running())


def _library() -> Path | None:
    found = [path for name in LIBRARIES for path in Path("/usr/lib").glob(f"**/faketime/{name}")]
    return found[0] if found else None


def _no_faketime(_ground: Ground) -> str | None:
    return None if _library() else "no libfaketime on this machine"


FAULTS = (Fault("the clock of one worker stepped", _stepped, lacks=_no_faketime, alone=True),)
