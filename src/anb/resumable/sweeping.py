"""Sweeps next to the reconciler, in a thread of its own: judging a clip takes seconds, and lost jobs cannot wait.

A sweep also settles the clips that wait for consent: it queues those that may be edited, and deletes overdue ones.
"""

import threading

from sqlalchemy.exc import SQLAlchemyError

from anb import periodic
from anb.db.session import Database
from anb.errors import Outage
from anb.logs import logger
from anb.ports import Ports
from anb.resumable import service
from anb.settings import Settings
from anb.videos import waiting

log = logger(__name__)

SECONDS = 15  # between two sweeps


def begin_sweeping(database: Database, ports: Ports, settings: Settings, stopped: threading.Event) -> None:
    """Sweep every few seconds until told to stop. Any number of processes may sweep: one of them takes each row."""

    def sweep() -> None:
        try:
            service.sweep(database, ports, settings)
            waiting.settle_all(database, ports, settings)
        except (SQLAlchemyError, OSError, Outage) as error:
            log.warning("uploads.sweep.failed", error=repr(error))

    periodic.begin("sweep", SECONDS, sweep, stopped)
