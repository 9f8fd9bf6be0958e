"""A process that waits for a processor or a disk is distinguished from one that sleeps, by the kernel's counters."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from anb.adapters.media.processor_wait import is_blocked, waited
from support.waiting import let_time_pass, until

BUSY, ASLEEP = "while True: pass", "import time; time.sleep(60)"


@contextmanager
def running(program: str, *, processor: int, niceness: int = 0) -> Iterator[int]:
    """Run a program pinned to one processor, below a shell, as a sandbox runs its command."""
    confined = f"import os; os.sched_setaffinity(0, {{{processor}}}); os.nice({niceness})\n{program}"
    command = ["/bin/sh", "-c", '"$0" -c "$1"; true', sys.executable, confined]
    with subprocess.Popen(command, start_new_session=True) as process:
        try:
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_a_busy_program_with_a_busier_neighbour_waits() -> None:
    processor = min(os.sched_getaffinity(0))
    with running(BUSY, processor=processor), running(BUSY, processor=processor, niceness=19) as starved:
        until(lambda: waited(starved) > 0.5)


def test_a_sleeper_and_the_dead_wait_for_nothing() -> None:
    with running(ASLEEP, processor=min(os.sched_getaffinity(0))) as asleep:
        let_time_pass(0.3, "the program starts, and waits for the processor as it does")
        before = waited(asleep)
        let_time_pass(0.5, "a sleeper must not be taken for a program that waits, however long it sleeps")
        assert waited(asleep) - before < 0.2
        assert not is_blocked(asleep)
    assert waited(asleep) == 0
    assert not is_blocked(asleep)


def test_where_the_kernel_does_not_count_nobody_waited(tmp_path: Path) -> None:
    assert waited(os.getpid(), proc=tmp_path) == 0


def test_who_waits_for_a_disk_is_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil.Process, "status", lambda _self: psutil.STATUS_DISK_SLEEP)
    assert is_blocked(os.getpid())


def test_who_ends_while_looked_at_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(self: psutil.Process) -> str:
        raise psutil.NoSuchProcess(self.pid)

    monkeypatch.setattr(psutil.Process, "status", gone)
    assert not is_blocked(os.getpid())
