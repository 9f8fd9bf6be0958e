"""The operations on results: show a version and its places, check it, erase names."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from anb.accounts.domain import fold
from anb.contest import seasons
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.results import store
from anb.results.domain import FinalPlace, Results, ResultsChanged, ResultsNotReady, Unfrozen, digest_of, state
from anb.zones import in_colombia

LATE = timedelta(minutes=10)  # after results are due


def show(uow: UnitOfWork, slug: str, version: int | None = None, *, early: bool = False) -> Results:
    """Return a version of a season's results, the latest by default; `early`: also before they are due.

    Raises SeasonNotFound, ResultsNotReady.
    """
    season = seasons.show(uow, slug)
    found = store.find(uow, season.id, version, early=early)
    if found is None:
        due = season.results_at or season.closed_at
        raise ResultsNotReady(season=season.name, moment="-" if due is None else in_colombia(due))
    return found


def show_latest(uow: UnitOfWork) -> Results | None:
    """Return the public results of the season that closed last; None if there are none."""
    return store.latest_public(uow)


def list_versions(uow: UnitOfWork, season_id: UUID, *, early: bool = False) -> list[Results]:
    """Return the versions of a season's results, the latest first."""
    return store.list_versions(uow, season_id, early=early)


def list_public(uow: UnitOfWork, most: int) -> list[Results]:
    """Return the newest public results of all seasons, without those that a later version replaces."""
    return [each for each in store.list_public(uow, most) if not each.is_superseded]


def list_places(uow: UnitOfWork, results: Results, page: Page, city: str | None = None) -> Listed[FinalPlace]:
    """Return a page of places, of the whole country or of a city."""
    return store.list_places(uow, results.id, page, None if city is None else fold(city))


def list_winners(uow: UnitOfWork, results: Results) -> list[FinalPlace]:
    """Return the winners, city by city."""
    return store.list_winners(uow, results.id)


def list_all(uow: UnitOfWork, results: Results) -> list[FinalPlace]:
    """Return every place, checked against what was signed. Raises ResultsChanged."""
    places = store.all_places(uow, results.id)
    check(results, places)
    return places


def check(results: Results, places: Sequence[FinalPlace]) -> None:
    """Check that the rows are those that were signed. Raises ResultsChanged."""
    if digest_of(state(results, places)) != results.digest:
        raise ResultsChanged(f"the rows of version {results.version} of {results.slug} are not those that were signed")


def count_unfrozen(uow: UnitOfWork) -> Unfrozen:
    """Count the closed seasons whose results should be frozen and are not."""
    return store.count_unfrozen(uow, LATE)


def erase(uow: UnitOfWork, account_id: UUID) -> int:
    """Remove a person's names from all results; the places stay. Return in how many versions."""
    return store.erase_names(uow, account_id)


def places_of(uow: UnitOfWork, account_id: UUID) -> list[dict[str, Any]]:
    """Return a person's places in all results, for the archive of their data."""
    return store.places_of(uow, account_id)
