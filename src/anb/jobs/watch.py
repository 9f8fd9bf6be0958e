"""Notices a worker that stopped taking jobs: it is free, jobs wait too long in the queue, and it takes none.

Nothing inside such a process can be trusted to mend it, so it is ended, and its supervisor starts another.
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

# Looks in a row that must find the same. Looks are counted, not seconds: a process that was stopped for a while has
# not been looking.
LOOKS = 5


@dataclass(frozen=True)
class Hands:
    """What the worker is doing."""

    busy: int  # processes with a job
    taken: int  # messages taken so far


class Watch:
    """What has been seen of one worker so far."""

    def __init__(self, database: Database, queue: JobQueue, settings: Settings, look_at: Callable[[], Hands]) -> None:
        self._database, self._queue, self._settings = database, queue, settings
        self._look_at = look_at
        self._before = look_at()
        self._stalls = 0

    @property
    def pause(self) -> float:
        """Seconds between two looks."""
        return self._settings.stall_seconds / LOOKS

    def is_stalled(self) -> bool:
        """Look once more; True when the last looks all found a worker that is free and leaves jobs waiting."""
        hands, before = self._look_at(), self._before
        self._before = hands
        free = hands.busy < self._settings.worker_processes and hands.taken == before.taken
        self._stalls = self._stalls + 1 if free and self._jobs_wait() else 0
        if self._stalls < LOOKS:
            return False
        log.error("jobs.worker.stalled", busy=hands.busy, taken=hands.taken, seconds=self._settings.stall_seconds)
        return True

    def _jobs_wait(self) -> bool:
        """Say whether the queue holds a message and the line a job that waits too long. Not knowing is no."""
        try:
            if self._queue.depth() == 0:
                return False
            with self._database.reading() as uow:
                line = service.figures(uow)
        except (Outage, SQLAlchemyError) as error:
            log.warning("jobs.watch.failed", error=repr(error))
            return False
        finally:
            self._database.close()  # this process forks: it must keep no connection a child would inherit
        return not line.drained and (line.waiting_seconds or 0) > self._settings.stall_seconds
