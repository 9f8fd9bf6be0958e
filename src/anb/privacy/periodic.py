"""What runs next to the reconciler, in a thread of its own: erasures, files that must go, and the nightly retention.

Changes of address that their former address has not refused in time take effect here too.
"""

import threading

from sqlalchemy.exc import SQLAlchemyError

from anb import periodic
from anb.accounts import changing_email
from anb.db.session import Database
from anb.errors import Outage
from anb.logs import logger
from anb.ports import Ports
from anb.privacy import erasure, export, retention
from anb.settings import Settings
from anb.storage import service as storage

log = logger(__name__)

SECONDS = 60


def begin_leaving(database: Database, ports: Ports, settings: Settings, stopped: threading.Event) -> None:
    """Carry out what is due every minute until told to stop. Any number of processes may."""
    periodic.begin("leaving", SECONDS, lambda: leave(database, ports, settings), stopped)


def leave(database: Database, ports: Ports, settings: Settings) -> None:
    """Carry out what is due now. What fails is tried again a minute later."""
    try:
        changing_email.run_due(database)
        erasure.run_due(database, ports)
        storage.delete_doomed(database, ports)
        export.run_due(database, ports, settings)
        with database.transaction() as uow:
            export.remove(uow, ports, None)
        retention.run_nightly(retention.RetentionRun(database, ports, settings))
        with database.reading() as uow:
            for late in erasure.list_overdue(uow, ports):
                log.error("privacy.erasure.overdue", erasure_id=str(late.id), due_at=late.due_at.isoformat())
    except (SQLAlchemyError, OSError, Outage) as error:
        log.warning("privacy.leave.failed", error=repr(error))
