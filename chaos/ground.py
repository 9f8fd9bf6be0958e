"""What a fault has to work with, and what it leaves to be watched until it is mended."""

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

from chaos.journal import Journal
from chaos.share import Share
from chaos.stack import NoTarget, Site

T = TypeVar("T")
TARGET_SECONDS = 10.0  # how long to look for something to break
TICK = 0.02


@dataclass(frozen=True)
class Held:
    """A try of a job that was running when its worker was struck."""

    job: object
    attempt: int
    since: float  # seconds since 1970
    all_gone: bool = False  # the whole stack was struck with it, and must come back first


@dataclass
class Ground:
    """The platform under load, chance, and the journal of what the faults themselves do as clients."""

    site: Site
    share: Share
    chance: random.Random  # which of several targets; the order of the faults has its own
    journal: Journal
    workers: int  # processes of the worker
    outage_seconds: float  # of the queue, in the long outage
    held: list[Held] = field(default_factory=list)  # to be seen running again
    queue_back: float | None = None  # since when the queue answers again; to be seen moving

    def running(self) -> list[tuple[Any, int, str]]:
        """Return job, attempt and worker of what is worked on."""
        found = self.site.query("SELECT id, attempt, worker FROM jobs WHERE state = 'running'")
        return [(job, attempt, worker) for job, attempt, worker in found]

    def busy_child(self) -> psutil.Process:
        """Return a child of the worker that has a job, and see that the job is watched. Raises NoTarget."""

        def look() -> psutil.Process | None:
            children = {child.pid: child for child in self.site.main("worker").children()}
            for job, attempt, worker in self.running():
                pid = int(worker.rpartition(":")[2])
                if pid in children:
                    self.held.append(Held(job, attempt, time.time()))
                    return children[pid]
            return None

        return self.find("a working child", look)

    def hold_all(self) -> None:
        """Watch every job that is worked on; there must be one. Raises NoTarget."""
        found = self.find("a running job", self.running)
        self.held += [Held(job, attempt, time.time()) for job, attempt, _ in found]

    def find(self, what: str, look: Callable[[], T | None], seconds: float = TARGET_SECONDS) -> T:
        """Look until there is something. Raises NoTarget."""
        deadline = time.monotonic() + seconds
        while not (found := look()):
            if time.monotonic() > deadline:
                raise NoTarget(f"no {what} within {seconds:g} s")
            time.sleep(TICK)
        return found

    def queue_answers(self) -> bool:
        """Say whether the queue's engine answers."""
        try:
            with self.site.queue() as queue:
                return bool(queue.ping())
        except redis.RedisError:
            return False

    def again(self) -> list[tuple[Held, float]]:
        """Return each held job that runs again by now, and how long that took; it is watched no more."""
        took, left = [], []
        for held in self.held:
            row = self._row(held)
            if row is None or (row[0] <= held.attempt and row[2]):  # gone, or it had just been done
                continue
            if row[0] > held.attempt and row[1]:
                took.append((held, max(row[1] - held.since, 0)))
            else:
                left.append(held)
        self.held = left
        return took

    def moved(self) -> list[float]:
        """Return how long after the queue was back a job began, once one has."""
        if self.queue_back is None:
            return []
        since = "SELECT extract(epoch FROM min(started_at))::float FROM jobs WHERE started_at > to_timestamp(%s)"
        began = self.site.query(since, self.queue_back)[0][0]
        if began is None:
            return []
        took, self.queue_back = began - self.queue_back, None
        return [took]

    def _row(self, held: Held) -> Sequence[Any] | None:
        found = self.site.query(
            "SELECT attempt, extract(epoch FROM started_at)::float, finished_at IS NOT NULL FROM jobs WHERE id = %s",
            held.job,
        )
        return found[0] if found else None


# What may go wrong when a fault strikes while another one stands: then there is nothing to break.
NOTHING_THERE = (NoTarget, psycopg.OperationalError, redis.RedisError, psutil.NoSuchProcess, httpx.HTTPError, OSError)


def signal_all(processes: Sequence[psutil.Process], number: int) -> None:
    """Send a signal to each that is still there."""
    for process in processes:
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            continue
