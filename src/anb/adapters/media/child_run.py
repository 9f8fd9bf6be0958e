"""Children that open untrusted files: few at once on this host, each with little time, and little to say."""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from subprocess import Popen

from anb.adapters.media.processor_wait import is_blocked, waited
from anb.adapters.sandbox.requirements import path_of
from anb.errors import Outage
from anb.ports import TooHeavy, Unreadable
from anb.process.spawn import said_by

SAID_BYTES = 64 * 1024  # facts take 1 KB; a child that writes more was taken over
TICK = 0.25  # seconds
PATIENCE = 60.0  # seconds to wait for a slot, and for a processor
CPU_SECONDS = 10  # a probe takes a hundredth of this; the time limit may be longer, to allow for waiting on the share
SOURCE = Path(__file__).parents[3]
SIGNALS = range(128 + 1, 128 + 65)  # how the sandbox reports a child that died of a signal
# How the kernel ends a child that has used up its processor time.
OUT_OF_TIME = {signal.SIGXCPU, signal.SIGKILL}


class ChildRuns:
    """Runs in `at_once` slots: lock files below `slots`, shared between processes and released when one dies."""

    def __init__(self, slots: Path, at_once: int, seconds: float) -> None:
        self._slots = [slots / f"{number}.lock" for number in range(at_once)]
        self.seconds = seconds

    @property
    def cpu_seconds(self) -> int:
        """The limit of a child's processor time."""
        return min(int(self.seconds), CPU_SECONDS) + 1

    def listen(self, process: Popen[bytes], most: int = SAID_BYTES) -> tuple[bytes, bytes]:
        """Collect the child's output until it ends.

        Raises TooHeavy if the child takes too long, Unreadable if it writes too much, Outage if the machine takes too
        long.
        """
        begun, before = time.monotonic(), waited(process.pid)
        answer = complaint = b""
        for said, complained in said_by(process, TICK):
            answer, complaint = answer + said, complaint + complained
            if (seconds := time.monotonic() - begun) > self.seconds:
                self._judge_delay(process.pid, seconds, waited(process.pid) - before)
            if len(answer) + len(complaint) > most:
                raise Unreadable("the probe said too much")
        return answer, complaint

    def _judge_delay(self, pid: int, seconds: float, waiting: float) -> None:
        """Give more time to a child that waits for a processor, a disk or the share: the file is not at fault."""
        if seconds - waiting > self.seconds and not is_blocked(pid):
            raise TooHeavy(f"took longer than {self.seconds:g} s")
        if seconds > self.seconds + PATIENCE:
            raise Outage(f"the probe has waited {waiting:.0f} of {seconds:.0f} s for a processor, or waits for a disk")

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold one of the slots. Raises Outage when none is released in time."""
        self._slots[0].parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + PATIENCE
        for number, slot in enumerate(cycle(self._slots)):  # pragma: no branch - tries each in turn until one is free
            with slot.open("w") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise Outage(f"no probe got free in {PATIENCE:g} s") from None
                    time.sleep(0.01 if number % len(self._slots) else 0)
                    continue
                yield
                return


def environment() -> dict[str, str]:
    """Return the variables by which a child finds libav and its own modules."""
    return {"PYTHONPATH": os.pathsep.join([path_of("av")["PYTHONPATH"], str(SOURCE)])}


def check_end(code: int, complaint: bytes) -> None:
    """Tell the file's fault from ours: a child that was killed met a hostile file, one that raised has a bug.

    Raises TooHeavy, Unreadable, Outage.
    """
    if code < 0 or code in SIGNALS:
        died_of = -code if code < 0 else code - 128
        raise (TooHeavy if died_of in OUT_OF_TIME else Unreadable)(f"the probe died of signal {died_of}")
    if code != 0:
        raise Outage(f"the probe ended with {code}: {complaint.decode(errors='replace')[-2000:]}")
