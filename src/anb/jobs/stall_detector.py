"""Detects a worker that stopped taking jobs: it is idle, and jobs wait too long in the queue.

Such a process cannot be trusted to repair itself, so it is ended and its supervisor starts another.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from anb.db.session import Database
from anb.errors import Outage
from anb.jobs import service
from anb.logs import logger
from anb.ports import JobQueue
from anb.settings import Settings

log = logger(__name__)

# Consecutive looks that must agree. Looks are counted, not seconds: a process that was stopped for a while did not
# look.
LOOKS = 5


@dataclass(frozen=True)
class WorkerStats:
    """The worker's current numbers."""

    busy: int  # processes with a job
    taken: int  # messages taken so far


class StallDetector:
    """The observations of one worker so far."""

    def __init__(
        self, database: Database, queue: JobQueue, settings: Settings, look_at: Callable[[], WorkerStats]
    ) -> None:
        self._database, self._queue, self._settings = database, queue, settings
        self._look_at = look_at
        self._before = look_at()
        self._stalls = 0

    @property
    def pause(self) -> float:
        """Seconds between two looks."""
        return self._settings.stall_seconds / LOOKS

    def is_stalled(self) -> bool:
        """Look once more; True when the last looks all found an idle worker and waiting jobs."""
        stats, before = self._look_at(), self._before
        self._before = stats
        free = stats.busy < self._settings.worker_processes and stats.taken == before.taken
        self._stalls = self._stalls + 1 if free and self._jobs_wait() else 0
        if self._stalls < LOOKS:
            return False
        log.error("jobs.worker.stalled", busy=stats.busy, taken=stats.taken, seconds=self._settings.stall_seconds)
        return True

    def _jobs_wait(self) -> bool:
        """Say whether the queue holds a message and a job that waits too long; False when that cannot be found out."""
        try:
            if self._queue.depth() == 0:
                return False
            with self._database.reading() as uow:
                line = service.figures(uow)
        except (Outage, SQLAlchemyError) as error:
            log.warning("jobs.watch.failed", error=repr(error))
            return False
        finally:
            self._database.close()  # this process forks: it must keep no connection that a child would inherit
        return not line.drained and (line.waiting_seconds or 0) > self._settings.stall_seconds
