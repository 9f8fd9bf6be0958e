"""Closing seasons: settle what is doubtful, count again from the rows, write the last leaf, freeze and sign.

Nothing fires on time: whenever this runs next, it does what is due. Each step is one transaction, so a process that
died is followed by one that takes the same step.
"""

import threading
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from sqlalchemy.exc import SQLAlchemyError

from anb import periodic
from anb.contest import service as contest
from anb.contest.domain import Season
from anb.db.session import Database, UnitOfWork
from anb.errors import AnbError
from anb.jury import service as jury
from anb.logs import logger, record
from anb.results import store, telling
from anb.results.domain import JuryPlace, Results, StatedSeason, digest_of, note_text, rank, state
from anb.settings import Settings
from anb.votelog import service as votelog
from anb.votelog.notes import NoteSigner
from anb.votelog.pending import Finish

log = logger(__name__)

SECONDS = 2
AGAIN_SECONDS = 60  # before the counts of a season are compared again that were not equal


class CountsDiffer(AnbError):
    """The rows of a season's votes, its tallies and its log are not equal: nothing is published."""

    def __init__(self, season: Season, differences: Sequence[str]) -> None:
        super().__init__(f"the counts of {season.slug} differ: {'; '.join(differences)}")
        self.differences = differences


class SeasonCloser:
    """Closes seasons for one process."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def work(self) -> None:
        """Do what is due now. What fails is tried again the next time."""
        try:
            with self._database.reading() as uow:
                waiting = store.find_unsettled(uow, AGAIN_SECONDS)
            for season_id in waiting:
                self.settle(season_id)
            telling.tell(self._database)
        except (SQLAlchemyError, AnbError) as error:
            log.warning("results.closing.failed", error=repr(error))

    def settle(self, season_id: UUID) -> Results | None:
        """Take the next step of a season; return its results once they are frozen.

        If its counts differ, that is noted for the operators, nothing is frozen, and it is tried again later.
        """
        try:
            with self._database.transaction() as uow:
                return self._step(uow, season_id)
        except CountsDiffer as found:
            log.error("results.season.stopped", season_id=str(season_id), differences=list(found.differences))  # noqa: TRY400 - the text says all there is
            with self._database.transaction() as uow:
                store.note_stop(uow, season_id, found.differences)
            return None

    def _step(self, uow: UnitOfWork, season_id: UUID) -> Results | None:
        """Take one step. Raises CountsDiffer."""
        if not store.take_turn(uow):
            return None
        season = contest.hold_season(uow, season_id)  # waits for votes that are being cast
        if season.closed_at is None or not season.is_closed or store.is_frozen(uow, season_id, season.closed_at):
            return None
        if jury.is_open(uow, season):
            return None
        signer = votelog.signer(uow, self._settings, season_id)
        finish = votelog.finish(uow, signer, season_id)
        if finish is Finish.HELD and season.now >= _due_at(season):
            count = votelog.void_held(uow, votelog.list_held(uow, season_id))  # no organizer has reviewed them
            log.warning("results.votes.voided", season_id=str(season_id), votes=count)
        if finish is not Finish.DONE:
            return None
        differences = votelog.compare(uow, season_id) + votelog.check_tree(uow, season_id)
        if differences:
            raise CountsDiffer(season, differences)
        return _freeze(uow, signer, season)


def _freeze(uow: UnitOfWork, signer: NoteSigner, season: Season) -> Results:
    """Write the results of a season whose counts are equal."""
    head = votelog.head(uow, season.id)
    if head is None:
        raise CountsDiffer(season, ["there is no log"])
    juried = {one.player_id: JuryPlace(one.position, round(one.score * 1000)) for one in jury.standings(uow, season)}
    places = rank(store.read_counted(uow, season.id), season.winners_per_city, juried)
    counted = StatedSeason(
        slug=season.slug,
        version=store.next_version(uow, season.id),
        closed_at=season.closed_at or season.now,
        winners_per_city=season.winners_per_city,
        origin=head.origin,
        log_size=head.size,
        log_root=head.root,
    )
    digest = digest_of(state(counted, places))
    results = Results(
        **vars(counted),
        id=uuid4(),
        season_id=season.id,
        season=season.name,
        due_at=_due_at(season),
        frozen_at=season.now,
        players=len(places),
        digest=digest,
        note=signer.sign(note_text(counted, digest)),
        is_superseded=False,
    )
    store.add(uow, results, places)
    store.end_stop(uow, season.id)
    told = {"season_id": season.id, "version": results.version, "digest": digest.hex()}
    uow.after_commit(partial(record, "results.season.frozen", **told))
    return results


def begin_closing(database: Database, settings: Settings, stopped: threading.Event) -> None:
    """Close seasons until told to stop. Any number of processes may: one at a time takes a step."""
    periodic.begin("closing", SECONDS, SeasonCloser(database, settings).work, stopped)


def _due_at(season: Season) -> datetime:
    closed_at = season.closed_at or season.now
    return max(season.results_at or closed_at, season.jury_ends_at or closed_at)
