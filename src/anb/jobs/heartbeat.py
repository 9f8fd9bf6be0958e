"""A worker's heartbeat: renews the lease during the work, and tells the work when to stop."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from anb.db.session import Database
from anb.jobs import service
from anb.jobs.domain import Claim
from anb.logs import logger
from anb.settings import Settings

log = logger(__name__)


class HeartbeatState:
    """State that a worker and its heartbeat share."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.progress = 0
        self.lost = False  # the claim is no longer ours: stop, and publish nothing
        self.ended = threading.Event()


@contextmanager
def heartbeat(database: Database, settings: Settings, claim: Claim) -> Iterator[HeartbeatState]:
    """Renew a claim while the block runs, writing the progress with every heartbeat."""
    state = HeartbeatState(claim)
    thread = threading.Thread(target=_beat, args=(database, settings, state), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.ended.set()
        thread.join()


def _beat(database: Database, settings: Settings, state: HeartbeatState) -> None:
    renewed = time.monotonic()
    while not state.ended.wait(settings.heartbeat_seconds):
        try:
            with database.transaction() as uow:
                ours = service.beat(uow, settings, state.claim, state.progress)
        except SQLAlchemyError as error:
            # The database may be back before the lease ends; after that, another worker may have the job.
            log.warning("jobs.heartbeat.failed", job_id=str(state.claim.job_id), error=repr(error))
            ours = time.monotonic() - renewed < settings.lease_seconds
        else:
            renewed = time.monotonic()
        if not ours:
            log.warning("jobs.heartbeat.lost", job_id=str(state.claim.job_id), attempt=state.claim.attempt)
            state.lost = True
            return
