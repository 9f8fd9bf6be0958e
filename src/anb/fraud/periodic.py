"""The search for clusters, next to the reconciler, in a thread of its own."""

import threading

from sqlalchemy.exc import SQLAlchemyError

from anb import periodic
from anb.db.session import Database
from anb.fraud import service
from anb.logs import logger
from anb.settings import Settings

log = logger(__name__)


def begin_searching(database: Database, settings: Settings, stopped: threading.Event) -> None:
    """Search every few minutes until told to stop. Any number of processes may: one of them searches at a time."""

    def search() -> None:
        try:
            service.search(database, settings)
        except SQLAlchemyError as error:
            log.warning("fraud.search.failed", error=repr(error))

    periodic.begin("fraud", settings.fraud_minutes * 60, search, stopped)
