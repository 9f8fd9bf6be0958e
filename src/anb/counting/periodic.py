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
REST = 9  # times as long as a comparison took, nothing is compared: at most a tenth of one core goes into it


def begin_counting(database: Database, settings: Settings, stopped: threading.Event) -> None:
    """Count until told to stop. Any number of processes may: one of them works at a time."""
    for name, act, pause, rest in (
        ("counting", lambda: count(database, settings, stopped), SECONDS, 0),
        ("comparing", lambda: service.compare(database), LOOK_SECONDS, REST),
    ):
        threading.Thread(target=_repeat, args=(name, act, pause, rest, stopped), name=name, daemon=True).start()


def count(database: Database, settings: Settings, stopped: threading.Event) -> None:
    """Seal until nothing awaits the log."""
    while service.step(database, settings) >= service.MOST and not stopped.is_set():
        pass


def _repeat(name: str, act: Callable[[], object], pause: float, rest: float, stopped: threading.Event) -> None:
    """Act at a steady pace, or after `rest` times what the act took. What fails is tried again the next time."""
    due = time.monotonic() + pause
    while not stopped.wait(max(0.0, due - time.monotonic())):
        began = time.monotonic()
        try:
            act()
        except (SQLAlchemyError, AnbError) as error:
            log.error("counting.turn.failed", work=name, error=repr(error))  # noqa: TRY400 - the text says all there is
        ended = time.monotonic()
        due = max(began + pause, ended + rest * (ended - began))
