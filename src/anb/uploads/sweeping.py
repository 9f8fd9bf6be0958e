"""Sweeping beside the reconciler, in a thread of its own: a clip takes seconds to judge, and lost jobs cannot wait."""

import threading

from sqlalchemy.exc import SQLAlchemyError

from anb.db.session import Database
from anb.errors import Outage
from anb.logs import logger
from anb.ports import Ports
from anb.settings import Settings
from anb.uploads import service

log = logger(__name__)

SECONDS = 15  # between two sweeps


def begin_sweeping(database: Database, ports: Ports, settings: Settings, stopped: threading.Event) -> None:
    """Sweep every few seconds until told to stop. Any number of processes may: each row is taken by one."""

    def sweep() -> None:
        while not stopped.wait(SECONDS):
            try:
                service.sweep(database, ports, settings)
            except (SQLAlchemyError, OSError, Outage) as error:
                log.warning("uploads.sweep.failed", error=repr(error))

    threading.Thread(target=sweep, name="sweep", daemon=True).start()
