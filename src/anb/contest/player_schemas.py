"""The HTTP schemas of one player's place."""

from uuid import UUID

from pydantic import BaseModel, Field

from anb.contest.schemas import ClipListed, RankListed, clip_listed, rank_listed
from anb.contest.standings import Neighbourhood, PlayerPage, PlayerPlaces


class RankShown(BaseModel):
    """A place in a ranking."""

    position: int
    movement: int | None = Field(description="Places gained since the day began; null: the player had no place then.")


class PlayerShown(BaseModel):
    """What everyone may see of a player."""

    player_id: UUID
    username: str
    player: str = Field(description="The player's name.")
    city: str
    votes: int = Field(description="Votes of the public over all of the player's videos.")
    jury_votes: int = Field(description="Votes of the jury, counted apart.")
    in_country: RankShown
    in_city: RankShown
    clips: list[ClipListed] = Field(description="The public clips of the season, newest first.")


class NeighbourhoodShown(BaseModel):
    """A player's place in one ranking, and those next to it, best first."""

    own: RankListed
    ahead: list[RankListed]
    behind: list[RankListed]


class StandingShown(BaseModel):
    """A player's places; null without a place in this season."""

    country: NeighbourhoodShown | None
    city: NeighbourhoodShown | None


def player_shown(page: PlayerPage, base: str) -> PlayerShown:
    """Show a player's public page."""
    own, city = page.country, page.city
    return PlayerShown(
        player_id=own.player_id,
        username=own.username,
        player=own.player,
        city=own.city,
        votes=own.votes,
        jury_votes=own.jury_votes,
        in_country=RankShown(position=own.position, movement=own.movement),
        in_city=RankShown(position=city.position, movement=city.movement),
        clips=[clip_listed(clip, base) for clip in page.clips],
    )


def standing_shown(standing: PlayerPlaces | None, base: str) -> StandingShown:
    """Show a player's places."""
    if standing is None:
        return StandingShown(country=None, city=None)
    return StandingShown(country=_shown(standing.country, base), city=_shown(standing.city, base))


def _shown(near: Neighbourhood, base: str) -> NeighbourhoodShown:
    ahead, behind = ([rank_listed(rank, base) for rank in ranks] for ranks in (near.ahead, near.behind))
    return NeighbourhoodShown(own=rank_listed(near.own, base), ahead=ahead, behind=behind)
