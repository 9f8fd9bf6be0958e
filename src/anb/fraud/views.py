"""How often the pages of clips are opened: numbers by clip and hour, without a word on who it was.

A vote by our pages opens the clip's page first, so a clip has more views than such votes.
"""

import threading
from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from anb.db.session import Database
from anb.logs import logger

log = logger(__name__)

SECONDS = 2.0
_ADD = text("""
insert into clip_hours (video_id, hour, views)
select videos.id, seen.hour, seen.views
from unnest(cast(:videos as uuid[]), cast(:hours as timestamptz[]), cast(:counts as int[])) as seen (id, hour, views)
join videos using (id)
order by 1, 2
on conflict (video_id, hour) do update set views = clip_hours.views + excluded.views
""")


class ClipViews:
    """Counts in this process, and adds its counts to the database's every other second: a viral clip is one row."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counts: Counter[tuple[UUID, datetime]] = Counter()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def count(self, video_id: UUID) -> None:
        """Count one."""
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._counts[video_id, hour] += 1
            if self._thread is None and not self._stopped.is_set():  # after the fork, in the process that needs it
                self._thread = threading.Thread(target=self._repeat, name="views", daemon=True)
                self._thread.start()

    def save(self) -> None:
        """Add what was counted to the database; what fails is added with the next."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        keys = list(counts)
        values = {"videos": [key[0] for key in keys], "hours": [key[1] for key in keys], "counts": [*counts.values()]}
        try:
            with self._database.transaction() as uow:
                uow.execute(_ADD, values)
        except SQLAlchemyError as error:
            log.warning("fraud.views.unsaved", error=repr(error), views=counts.total())
            with self._lock:
                self._counts.update(counts)

    def close(self) -> None:
        """Save the last counts, and end."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        self.save()

    def _repeat(self) -> None:
        while not self._stopped.wait(SECONDS):
            self.save()
