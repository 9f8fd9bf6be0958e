"""A player's place in the ranking among those next to it, and a player's public page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from anb.contest import list_store, rank_store
from anb.contest.domain import PublicClip, Rank, Season
from anb.contest.listing import ShownClip, WantedClips
from anb.contest.rank_store import Ranking
from anb.db.session import UnitOfWork
from anb.errors import Refusal

BESIDE = 2  # players shown on each side of one
CLIPS = 100  # of a player's page


class NoPlace(Refusal):
    """The player has no place in the ranking of this season: none of their clips was public in it."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "no-place"


@dataclass(frozen=True)
class Neighbourhood:
    """A player's place in one ranking, and those next to it, best first."""

    own: Rank
    ahead: tuple[Rank, ...]
    behind: tuple[Rank, ...]


@dataclass(frozen=True)
class PlayerPlaces:
    """A player's places in the country and in their city."""

    country: Neighbourhood
    city: Neighbourhood


@dataclass(frozen=True)
class PlayerPage:
    """What everyone may see of a player."""

    country: Rank
    city: Rank
    clips: list[PublicClip]  # the newest


def find_standing(
    uow: UnitOfWork, player_id: UUID, season: Season | None = None, beside: int = BESIDE
) -> PlayerPlaces | None:
    """Return a player's places, each among those next to it; None for a player without a place."""
    city_key = rank_store.find_city(uow, player_id, season)
    if city_key is None:
        return None
    country, city = (rank_store.around(uow, player_id, beside, Ranking(season, scope)) for scope in (None, city_key))
    near = _neighbourhood(player_id, country), _neighbourhood(player_id, city)
    return None if near[0] is None or near[1] is None else PlayerPlaces(near[0], near[1])


def find_place_in_city(uow: UnitOfWork, player_id: UUID, season: Season | None = None) -> Rank | None:
    """Return a player's place in their city; None for a player without a place."""
    city_key = rank_store.find_city(uow, player_id, season)
    if city_key is None:
        return None
    near = _neighbourhood(player_id, rank_store.around(uow, player_id, 0, Ranking(season, city_key)))
    return None if near is None else near.own


def show_player(uow: UnitOfWork, player_id: UUID, season: Season | None = None) -> PlayerPage:
    """Return what everyone may see of a player in a season. Raises NoPlace."""
    places = find_standing(uow, player_id, season, beside=0)
    if places is None:
        raise NoPlace
    clips = list_store.list_of_player(uow, player_id, WantedClips(season=season), CLIPS)
    return PlayerPage(places.country.own, places.city.own, clips)


def show_clips(uow: UnitOfWork, ranks: Iterable[Rank], season: Season | None = None) -> dict[UUID, ShownClip]:
    """Return the newest public clip of each of these players."""
    return list_store.newest_of(uow, {rank.player_id for rank in ranks}, WantedClips(season=season))


def _neighbourhood(player_id: UUID, ranks: list[Rank]) -> Neighbourhood | None:
    at = next((number for number, each in enumerate(ranks) if each.player_id == player_id), None)
    if at is None:  # the place was lost between two reads
        return None
    return Neighbourhood(ranks[at], tuple(ranks[:at]), tuple(ranks[at + 1 :]))
