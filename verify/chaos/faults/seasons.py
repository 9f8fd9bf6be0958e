"""The count while it is counted: its process killed with a batch at hand; a season closed early, settled, reopened."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from verify.chaos.fault_context import FaultContext
from verify.chaos.faults.fault import Fault
from verify.chaos.organizer import ChaosOrganizer

BATCH_SECONDS = 20.0  # until a vote is cast and the counting process takes it
SETTLED_SECONDS = 60.0  # patience until results are frozen
REOPENED_SECONDS = 3.0  # for which votes count again
# The season whose votes are open, and how many seasons there are.
PRESENT = "SELECT slug, (SELECT count(*) FROM seasons) FROM seasons WHERE closed_at IS NULL OR closed_at > now()"
SEALING = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
AND query LIKE '%%log_heads%%' AND pid <> pg_backend_pid()
"""
FROZEN = """
SELECT count(*) FROM results JOIN seasons ON seasons.id = results.season_id AND seasons.closed_at = results.closed_at
WHERE seasons.slug = %s
"""


@contextmanager
def _killed_with_a_batch(context: FaultContext) -> Iterator[None]:
    """Kill the counting process in its transaction: it has taken a batch, and waits for the head that we hold."""
    context.find("log of votes", lambda: context.site.query("SELECT 1 FROM log_heads"), seconds=BATCH_SECONDS)
    with context.site.connect() as connection, connection.transaction():
        connection.execute("SELECT 1 FROM log_heads FOR UPDATE")
        context.find("batch being sealed", lambda: context.site.query(SEALING), seconds=BATCH_SECONDS)
        context.site.main("reconcile").kill()
    yield


@contextmanager
def _closed_early(context: FaultContext) -> Iterator[None]:
    """Close the season while people vote, with its counting process killed; reopen it, close it, open the next one."""
    organizer = ChaosOrganizer(context.site.url, context.journal)
    (slug, seasons), *_ = context.find("season that is open", lambda: context.site.query(PRESENT))
    organizer.close(slug)
    context.site.main("reconcile").kill()
    context.find("result", lambda: context.site.query(FROZEN, slug)[0][0], seconds=SETTLED_SECONDS)
    organizer.reopen(slug)
    time.sleep(REOPENED_SECONDS)
    organizer.close(slug)
    organizer.open_next(seasons + 1)
    yield


FAULTS = (
    Fault("counting process killed with a batch", _killed_with_a_batch),
    Fault("season closed early, settled, reopened", _closed_early, alone=True),
)
