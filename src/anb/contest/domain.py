"""Seasons, votes and ranks, and their refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from anb.contest.jury_rules import JuryCalendar, JuryRules
from anb.errors import Refusal
from anb.media.renditions import Rendition, made_by


@dataclass(frozen=True)
class CityRule:
    """A city that takes part in a season, and other ways to write it."""

    name: str
    spellings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SeasonRules:
    """What an organizer decides about a season. The numbers that are None are without a limit."""

    moderated: bool = False  # whether its videos are not published automatically
    asks_confirmation: bool = False  # whether only people with a confirmed e-mail may vote
    asks_consent: bool = False  # whether clips wait for the consent of their player, and of a minor's guardian
    hide_reported: bool = False  # whether enough reports hide a clip until organizers decide
    cities: tuple[CityRule, ...] | None = None  # None: any city
    clips_per_player: int | None = None
    same_file_again: bool = True  # whether a player may send the very same file twice
    votes_per_day: int | None = None  # of a person, by the days of Colombia
    winners_per_city: int = 3
    jury: JuryRules | None = None  # None: no jury scores clips


# A season of adults who know each other; also the one that `anb up` opens.
ASKS_NOTHING = SeasonRules()


class Phase(StrEnum):
    """What people can do in a season at a moment."""

    SCHEDULED = "scheduled"
    UPLOADS = "uploads"  # send clips; votes are not open yet
    OPEN = "open"  # send clips and vote
    WAITING = "waiting"  # the clips are in, and the votes have not begun
    VOTES = "votes"  # vote; no clip comes any more
    COUNTING = "counting"  # closed, before its results are due
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class SeasonCalendar:
    """When the phases of a season begin. Each moment belongs to the phase that it begins."""

    opened_at: datetime | None = None  # None: at once
    uploads_close_at: datetime | None = None  # None: when the season closes
    votes_open_at: datetime | None = None  # None: when it opens
    closed_at: datetime | None = None  # the end of the votes, and of the season; None: when an organizer closes it
    results_at: datetime | None = None  # None: when it closes
    jury_closes_at: datetime | None = None  # None: with the votes


@dataclass(frozen=True, kw_only=True)
class Season(SeasonRules, SeasonCalendar, JuryCalendar):
    """A period in which clips are sent and votes count. Its phase follows from the database's clock."""

    id: UUID
    slug: str
    name: str
    opened_at: datetime
    now: datetime  # the database's time when this was read

    @property
    def phase(self) -> Phase:
        """What people could do when this was read."""
        if self.now < self.opened_at:
            return Phase.SCHEDULED
        if self.closed_at is not None and self.closed_at <= self.now:
            return Phase.COUNTING if self.results_at is not None and self.now < self.results_at else Phase.OVER
        voting = self.votes_open_at is None or self.votes_open_at <= self.now
        if self.uploads_close_at is None or self.now < self.uploads_close_at:
            return Phase.OPEN if voting else Phase.UPLOADS
        return Phase.VOTES if voting else Phase.WAITING

    @property
    def takes_votes(self) -> bool:
        """Whether votes counted when this was read."""
        return self.phase in {Phase.OPEN, Phase.VOTES}

    @property
    def is_closed(self) -> bool:
        """Whether it had ended when this was read."""
        return self.phase in {Phase.COUNTING, Phase.OVER}


class VoidReason(StrEnum):
    """Why a vote counts no more. Its row stays."""

    WITHDRAWN = "withdrawn"  # the player withdrew the clip before the season's close
    TAKEN_DOWN = "taken_down"  # an organizer took the clip down before the season's close
    DOUBTFUL = "doubtful"  # under review
    FRAUD = "fraud"
    OTHER = "other"  # the audit trail says why


@dataclass(frozen=True)
class Votable:
    """A public clip, as a person finds it who wants to vote for it."""

    owner_id: UUID
    season: Season | None  # None while it waits for one
    is_barred: bool  # the person voted in that season with an account that was erased


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
    reached_index: int  # in the log: of the last vote that counts, else of its opening

    @property
    def renditions(self) -> frozenset[Rendition]:
        """The renditions of the video."""
        return made_by(self.recipe)


@dataclass(frozen=True)
class Rank:
    """A player's place. Ties go to the player who reached the votes first, by the log, then to the lower id."""

    position: int
    player_id: UUID
    username: str
    player: str
    city: str
    votes: int  # of the public, over all of the player's videos
    jury_votes: int
    last_index: int  # in the log: of the last vote that counts, else of the opening of the first clip
    movement: int | None  # places gained since the day began; None: the player had no place then


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
    leaf: int | None  # its index in the log; None while it has none, whatever the reason


class AlreadyVoted(Refusal):
    """A person has one vote per video. Clients compare the sentence: it is the same in every language (contract)."""

    code = "already-voted"


class OwnVideo(Refusal):
    """Players cannot vote for their own videos."""

    code = "own-video"


class SeasonClosed(Refusal):
    """No season is open, so no vote counts."""

    code = "season-closed"


class VotesNotOpenYet(Refusal):
    """The votes of the clip's season begin later."""

    code = "votes-not-open-yet"
    shown = ("at",)


class TooManyVotesToday(Refusal):
    """A person has cast as many votes today as the season allows."""

    code = "too-many-votes-today"


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


class SeasonsOverlap(Refusal):
    """Another season takes place at that time."""

    code = "seasons-overlap"


class SeasonNotFound(Refusal):
    """No season has this slug."""

    status = 404
    code = "season-not-found"


class InvalidCalendar(Refusal):
    """The moments of a calendar are not in their order."""

    code = "invalid-calendar"


class SeasonNotClosed(Refusal):
    """Only a season that has closed can be reopened."""

    code = "season-not-closed"


class ReasonNeeded(Refusal):
    """Votes or scores were given in the season: its rules and calendar change only with a reason."""

    code = "reason-needed"
