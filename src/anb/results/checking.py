"""What operators ask about the count of a season: whether it is right, and what its results wait for."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from anb.contest.domain import Season
from anb.db.session import UnitOfWork
from anb.results import service, store
from anb.results.domain import FinalPlace, ResultsChanged, rank
from anb.votelog import service as votelog


class Awaited(NamedTuple):
    """What the results of a season wait for."""

    held: int
    differences: list[str]  # found when they were last compared


def awaited(uow: UnitOfWork, season: Season) -> Awaited:
    """Return what the results of a season wait for."""
    return Awaited(len(votelog.list_held(uow, season.id)), store.find_stop(uow, season.id))


def compare(uow: UnitOfWork, season: Season) -> list[str]:
    """Count again, and return what differs: between rows, tallies and log, and from the results that stand."""
    differences = votelog.compare(uow, season.id) + votelog.check_tree(uow, season.id)
    for results in store.list_versions(uow, season.id, early=True):
        try:
            places = service.list_all(uow, results)
        except ResultsChanged as changed:
            differences.append(str(changed))
            continue
        if not results.is_superseded:
            again = rank(store.read_counted(uow, season.id), results.winners_per_city)
            differences += _changed(places, again)
    return differences


def _changed(frozen: Sequence[FinalPlace], counted: Sequence[FinalPlace]) -> Iterator[str]:
    """Yield how places that were frozen differ from those that are counted now."""
    if len(frozen) != len(counted):
        yield f"{len(frozen)} players are frozen, {len(counted)} are counted"
    for one, other in zip(frozen, counted, strict=False):
        mine, theirs = ((each.player_id, each.votes, each.jury_votes, each.city_position) for each in (one, other))
        if mine != theirs:
            yield f"place {one.position} of player {one.player_id} with {one.votes} votes is counted otherwise"
