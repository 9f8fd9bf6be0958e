"""Seasons, votes and ranks, and what is refused."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anb.errors import Refusal
from anb.media.renditions import Rendition, made_by


@dataclass(frozen=True)
class Season:
    """A time in which votes count."""

    id: UUID
    name: str
    moderated: bool  # whether the organizer looks at a clip before the public does
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class PublicClip:
    """A video open to votes, as the public sees it."""

    id: UUID
    title: str
    player: str
    username: str
    city: str
    votes: int  # of the public
    jury_votes: int
    seconds: float
    published_at: datetime
    recipe: int  # version of the one that made its files

    @property
    def renditions(self) -> frozenset[Rendition]:
        """Its files."""
        return made_by(self.recipe)


@dataclass(frozen=True)
class Rank:
    """A player's place. Ties go to whoever had the votes first, then to the older account."""

    position: int
    player_id: UUID
    username: str
    player: str
    city: str
    votes: int  # of the public, over all of the player's videos
    jury_votes: int
    reached_at: datetime


class AlreadyVoted(Refusal):
    """One vote a video."""

    code = "already-voted"
    es = "Ya has votado por este video."
    # Clients compare this sentence: it is the same in every language (contract).
    en = "Ya has votado por este video."


class OwnVideo(Refusal):
    """Nobody votes for a video of their own."""

    code = "own-video"
    es = "No puedes votar por tu propio video."
    en = "You cannot vote for your own video."


class SeasonClosed(Refusal):
    """No season is open, so no vote counts."""

    code = "season-closed"
    es = "Las votaciones no están abiertas en este momento."
    en = "Voting is not open right now."


class SeasonOpenAlready(Refusal):
    """There is one season at a time."""

    code = "season-open"
    es = "Ya hay una temporada abierta."
    en = "A season is open already."
