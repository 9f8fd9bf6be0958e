"""Seasons, votes and ranks, and their refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from anb.errors import Refusal
from anb.media.renditions import Rendition, made_by


@dataclass(frozen=True)
class Season:
    """A period in which votes count."""

    id: UUID
    name: str
    moderated: bool  # whether its videos are not published automatically
    asks_confirmation: bool  # whether only people with a confirmed e-mail may vote
    asks_consent: bool  # whether clips wait for the consent of their player, and of a minor's guardian
    opened_at: datetime
    closed_at: datetime | None


class VoidReason(StrEnum):
    """Why a vote counts no more. Its row stays."""

    WITHDRAWN = "withdrawn"  # the player withdrew the clip before the season's close


@dataclass(frozen=True)
class SeasonRules:
    """What an operator decides when a season opens."""

    moderated: bool = False
    asks_confirmation: bool = False
    asks_consent: bool = False


# A season of adults who know each other; also the one that `anb up` opens.
ASKS_NOTHING = SeasonRules()


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
    recipe: int  # version of the recipe that made its files

    @property
    def renditions(self) -> frozenset[Rendition]:
        """The renditions of the video."""
        return made_by(self.recipe)


@dataclass(frozen=True)
class Rank:
    """A player's place. Ties go to the player who reached the votes first, then to the older account."""

    position: int
    player_id: UUID
    username: str
    player: str
    city: str
    votes: int  # of the public, over all of the player's videos
    jury_votes: int
    reached_at: datetime


@dataclass(frozen=True)
class OwnVote:
    """A vote as the person sees it who cast it."""

    id: int
    video_id: UUID
    title: str | None  # None when the clip is not public any more
    player: str | None
    season: str
    jury: bool
    cast_at: datetime
    void_reason: VoidReason | None


class AlreadyVoted(Refusal):
    """A person has one vote per video."""

    code = "already-voted"
    # Clients compare this sentence: it is the same in every language (contract).


class OwnVideo(Refusal):
    """Players cannot vote for their own videos."""

    code = "own-video"


class SeasonClosed(Refusal):
    """No season is open, so no vote counts."""

    code = "season-closed"


class VotedBefore(Refusal):
    """A person who voted in this season erased their account and has another one now."""

    status = 403
    code = "voted-before"


class EmailNotConfirmed(Refusal):
    """In this season only people with a confirmed e-mail vote."""

    status = 403
    code = "email-not-confirmed"


class SeasonOpenAlready(Refusal):
    """Another season is open already."""

    code = "season-open"
