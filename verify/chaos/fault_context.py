"""The context of a fault, and what must be watched until the platform has recovered."""

import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2 as httpx
import psutil
import psycopg
import redis

from verify.chaos.journal import Journal
from verify.chaos.mail_sink import MailSink
from verify.chaos.share import Share
from verify.kit.platform import ChaosPlatform, NoTarget

T = TypeVar("T")
TARGET_SECONDS = 10.0  # how long to look for a target
TICK = 0.02


@dataclass(frozen=True)
class RunningAttempt:
    """A running attempt whose worker was hit."""

    job: object
    attempt: int
    since: float  # seconds since 1970
    all_gone: bool = False  # the whole stack was killed with it and must come back first


@dataclass
class FaultContext:
    """The platform under load, chance, and a journal for faults that act as clients."""

    site: ChaosPlatform
    share: Share
    chance: random.Random  # chooses between targets; the order of the faults has its own
    journal: Journal
    mail: MailSink
    workers: int  # processes of the worker
    outage_seconds: float  # of the queue, in the long outage
    held: list[RunningAttempt] = field(default_factory=list)  # must run again
    queue_back: float | None = None  # since when the queue answers again; jobs must start

    def running(self) -> list[tuple[Any, int, str]]:
        """Return job, attempt and worker of every running job."""
        rows = self.site.query("SELECT id, attempt, worker FROM jobs WHERE state = 'running'")
        return [(job, attempt, worker) for job, attempt, worker in rows]

    def busy_child(self) -> psutil.Process:
        """Return a child of the worker that has a job, and watch the job. Raises NoTarget."""

        def look() -> psutil.Process | None:
            children = {child.pid: child for child in self.site.main("worker").children()}
            for job, attempt, worker in self.running():
                pid = int(worker.rpartition(":")[2])
                if pid in children:
                    self.held.append(RunningAttempt(job, attempt, time.time()))
                    return children[pid]
            return None

        return self.find("a working child", look)

    def hold_all(self) -> None:
        """Watch every running job. Raises NoTarget if there is none."""
        jobs = self.find("a running job", self.running)
        self.held += [RunningAttempt(job, attempt, time.time()) for job, attempt, _ in jobs]

    def find(self, what: str, look: Callable[[], T | None], seconds: float = TARGET_SECONDS) -> T:
        """Look until something is found. Raises NoTarget."""
        deadline = time.monotonic() + seconds
        while not (found := look()):
            if time.monotonic() > deadline:
                raise NoTarget(f"no {what} within {seconds:g} s")
            time.sleep(TICK)
        return found

    def queue_answers(self) -> bool:
        """Return whether Valkey answers."""
        try:
            with self.site.queue() as queue:
                return bool(queue.ping())
        except redis.RedisError:
            return False

    def again(self) -> list[tuple[RunningAttempt, float]]:
        """Return every watched job that runs again, and how long that took. It is not watched any longer."""
        took, remaining = [], []
        for held in self.held:
            row = self._row(held)
            if row is None or (row[0] <= held.attempt and row[2]):  # gone, or it was just done
                continue
            if row[0] > held.attempt and row[1]:
                took.append((held, max(row[1] - held.since, 0)))
            else:
                remaining.append(held)
        self.held = remaining
        return took

    def moved(self) -> list[float]:
        """Return how long after the queue was back a job started, once one has."""
        if self.queue_back is None:
            return []
        since = "SELECT extract(epoch FROM min(started_at))::float FROM jobs WHERE started_at > to_timestamp(%s)"
        began = self.site.query(since, self.queue_back)[0][0]
        if began is None:
            return []
        took, self.queue_back = began - self.queue_back, None
        return [took]

    def _row(self, held: RunningAttempt) -> Sequence[Any] | None:
        found = self.site.query(
            "SELECT attempt, extract(epoch FROM started_at)::float, finished_at IS NOT NULL FROM jobs WHERE id = %s",
            held.job,
        )
        return found[0] if found else None


# Errors of a fault that begins during another one: it finds nothing to break.
NOTHING_THERE = (NoTarget, psycopg.OperationalError, redis.RedisError, psutil.NoSuchProcess, httpx.HTTPError, OSError)


def signal_all(processes: Sequence[psutil.Process], number: int) -> None:
    """Send a signal to each process that still exists."""
    for process in processes:
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            continue
