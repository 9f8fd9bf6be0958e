"""One turn of counting, and one comparison."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from anb.db.session import Database, UnitOfWork
from anb.fraud import service as fraud
from anb.logs import logger
from anb.results import service as results
from anb.settings import Settings
from anb.votelog import comparisons
from anb.votelog import service as votelog

log = logger(__name__)

MOST = 5000  # entries of one transaction
COMPARE_SECONDS = 300  # between two comparisons of a season


class CountFigures(NamedTuple):
    """How long votes wait to be counted, and which counts differ."""

    waiting_seconds: float | None
    compared_seconds: float | None
    differing: int
    stopped: int
    late: int


def step(database: Database, settings: Settings, most: int = MOST) -> int:
    """Seal what awaits the logs; return how many entries, 0 when there are none or another process counts.

    One transaction: a process that dies in it has taken nothing, and the next one takes the same entries.
    """
    with database.transaction() as uow:
        if not votelog.elect(uow):
            return 0
        taken = 0
        for season_id in votelog.seasons_pending(uow):
            batch = votelog.take(uow, season_id, most)
            doubts = fraud.judge(uow, settings, [each.vote_id for each in batch.votes if each.vote_id])
            reasons = {vote_id: [doubt.value for doubt in found] for vote_id, found in doubts.items()}
            clean = votelog.hold(uow, batch, reasons)
            votelog.seal(uow, votelog.signer(uow, settings, season_id), season_id, clean)
            taken += len(batch.entries)
    return taken


def compare(database: Database) -> list[str]:
    """Compare rows, tallies and log of each season that is due, each in one snapshot, and note the result."""
    with database.reading() as uow:
        due = comparisons.list_due(uow, COMPARE_SECONDS)
    return [each for season_id in due for each in _compare_and_note(database, season_id)]


def figures(uow: UnitOfWork) -> CountFigures:
    """Return the figures that alarms watch."""
    unfrozen = results.count_unfrozen(uow)
    return CountFigures(
        comparisons.waiting_seconds(uow),
        comparisons.compared_seconds(uow),
        comparisons.count_differing(uow),
        unfrozen.stopped,
        unfrozen.late,
    )


def compare_season(database: Database, season_id: UUID) -> list[str]:
    """Compare rows, tallies and log of a season, and its leaves with the signed root, in one snapshot."""
    return _compare(
        database, season_id, lambda uow, which: votelog.compare(uow, which) + votelog.check_tree(uow, which)
    )


def _compare_and_note(database: Database, season_id: UUID) -> list[str]:
    found = _compare(database, season_id, votelog.compare)
    with database.transaction() as uow:
        comparisons.note(uow, season_id, found)
    return found


def _compare(database: Database, season_id: UUID, act: Callable[[UnitOfWork, UUID], list[str]]) -> list[str]:
    with database.transaction() as uow:
        uow.execute(text("set transaction isolation level repeatable read"))
        found = act(uow, season_id)
    for each in found:
        log.error("counting.compare.differs", season_id=str(season_id), difference=each)
    return found
