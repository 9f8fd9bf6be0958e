"""A worker's sign of life: renews the lease beside the work, and tells the work when to stop."""

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


class Pulse:
    """What a worker and its heartbeat share."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.progress = 0
        self.lost = False  # the claim is not ours any more: stop, and publish nothing
        self.ended = threading.Event()


@contextmanager
def heartbeat(database: Database, settings: Settings, claim: Claim) -> Iterator[Pulse]:
    """Keep a claim alive while the block runs, writing the pulse's progress with every beat."""
    pulse = Pulse(claim)
    thread = threading.Thread(target=_beat, args=(database, settings, pulse), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield pulse
    finally:
        pulse.ended.set()
        thread.join()


def _beat(database: Database, settings: Settings, pulse: Pulse) -> None:
    renewed = time.monotonic()
    while not pulse.ended.wait(settings.heartbeat_seconds):
        try:
            with database.transaction() as uow:
                ours = service.beat(uow, settings, pulse.claim, pulse.progress)
        except SQLAlchemyError as error:
            # The database may be back before the lease ends; after that, another worker may have the job.
            log.warning("jobs.heartbeat.failed", job_id=str(pulse.claim.job_id), error=repr(error))
            ours = time.monotonic() - renewed < settings.lease_seconds
        else:
            renewed = time.monotonic()
        if not ours:
            log.warning("jobs.heartbeat.lost", job_id=str(pulse.claim.job_id), attempt=pulse.claim.attempt)
            pulse.lost = True
            return
