"""The loop that counts, next to the reconciler, in a thread of its own."""

import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from anb.counting import service
from anb.db.session import Database
from anb.errors import AnbError
from anb.logs import logger
from anb.settings import Settings

log = logger(__name__)

SECONDS = 0.5
LOOK_SECONDS = 30  # for seasons that are due to be compared


def begin_counting(database: Database, settings: Settings, stopped: threading.Event) -> None:
    """Count until told to stop. Any number of processes may: one of them works at a time."""
    for name, act, pause in (
        ("counting", lambda: count(database, settings, stopped), SECONDS),
        ("comparing", lambda: service.compare(database), LOOK_SECONDS),
    ):
        threading.Thread(target=_repeat, args=(name, act, pause, stopped), name=name, daemon=True).start()


def count(database: Database, settings: Settings, stopped: threading.Event) -> None:
    """Seal until nothing awaits the log."""
    while service.step(database, settings) >= service.MOST and not stopped.is_set():
        pass


def _repeat(name: str, act: Callable[[], object], pause: float, stopped: threading.Event) -> None:
    """Act at a steady pace. What fails is tried again the next time."""
    began = time.monotonic()
    while not stopped.wait(max(0.0, began + pause - time.monotonic())):
        began = time.monotonic()
        try:
            act()
        except (SQLAlchemyError, AnbError) as error:
            log.error("counting.turn.failed", work=name, error=repr(error))  # noqa: TRY400 - the text says all there is
