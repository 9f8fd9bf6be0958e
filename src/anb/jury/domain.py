"""A juror's queue and scores, how scores become standings, and the refusals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from anb.contest.domain import PublicClip, Season
from anb.contest.jury_rules import JuryRules
from anb.errors import Refusal

BLOCKS = 16
GOLDEN = 0.6180339887498949
NOTE_LENGTH = 1000
Marks = Mapping[str, int]


@dataclass(frozen=True)
class Juror:
    """A juror of a season. The place decides in which block of clips the queue begins."""

    season_id: UUID
    id: UUID
    place: int
    set_aside_at: datetime | None

    @property
    def start(self) -> int:
        """The first block: multiples of the golden ratio are spread evenly, however many jurors there are."""
        return int(self.place * GOLDEN % 1 * BLOCKS)


def queue_key(juror: Juror, video_id: UUID) -> str:
    """Return what a juror's queue is ordered by; `store` computes the same in SQL.

    The clips of a season are in blocks, the same for all jurors. Each juror begins at another block, and takes the
    clips of a block in an order of their own.
    """
    block = sha256(f"{juror.season_id}{video_id}".encode()).digest()[0] // (256 // BLOCKS)
    return f"{(block - juror.start) % BLOCKS:02}{sha256(f'{juror.id}{video_id}'.encode()).hexdigest()}"


@dataclass(frozen=True)
class JuryScore:
    """What a juror thinks of a clip. Without marks, it was taken back."""

    video_id: UUID
    marks: Marks | None
    note: str | None
    revision: int
    scored_at: datetime


class JuryProgress(NamedTuple):
    """How many clips of a queue are scored."""

    scored: int
    total: int


@dataclass(frozen=True)
class QueuedClip:
    """A clip in front of a juror, and the juror's score, if any."""

    clip: PublicClip
    season: Season
    rules: JuryRules
    score: JuryScore | None


@dataclass(frozen=True)
class JuryQueue:
    """A juror's queue: its season, how far it is, and the next clip without a score."""

    season: Season
    rules: JuryRules
    progress: JuryProgress
    set_aside: bool
    next: UUID | None


@dataclass(frozen=True)
class ClipScore:
    """A score among all of a season."""

    video_id: UUID
    juror_id: UUID
    marks: Marks
    note: str | None = None


@dataclass(frozen=True)
class ScoredClip:
    """A clip that counts, and whose it is."""

    video_id: UUID
    player_id: UUID
    city_key: str
    city: str
    title: str
    player: str
    first_published_at: datetime


@dataclass(frozen=True)
class JuryStanding:
    """A player's place by the jury: the score of their best clip. A tie is what the score alone does not decide."""

    position: int
    city_position: int
    tied: bool  # with another player of the city
    player_id: UUID
    video_id: UUID
    city_key: str
    city: str
    score: Fraction
    scores: int  # jurors who scored the clip
    clips: int  # scored ones of the player


@dataclass(frozen=True)
class SpreadClip:
    """A clip with its scores, and how far they are apart."""

    clip: ScoredClip
    scores: Sequence[ClipScore]
    mean: Fraction | None
    deviation: float | None  # of the population: of these jurors, not of all that could have been
    lowest: Fraction | None
    highest: Fraction | None
    missing: Sequence[UUID]  # jurors who have not scored it


@dataclass(frozen=True)
class JurorProgress:
    """A juror as organizers see them."""

    id: UUID
    name: str
    is_juror: bool  # has the role now
    scored: int
    set_aside_at: datetime | None


@dataclass(frozen=True)
class AsideEffect:
    """What changes if a juror's scores are set aside, or count again."""

    name: str  # the juror's
    scores: int  # of clips that count, by the present rules
    alone: int  # clips that only this juror scored
    moved: int  # players who get another place by the jury, or have one only with these scores


def fits(rules: JuryRules, marks: Mapping[str, Any]) -> bool:
    """Say whether there is a mark of the scale for each criterion."""
    return all(rules.lowest <= marks.get(each.name, -1) <= rules.highest for each in rules.criteria)


def check_marks(rules: JuryRules, marks: Mapping[str, int]) -> None:
    """Check that marks are those that the rules ask for. Raises InvalidMark."""
    names = [each.name for each in rules.criteria]
    for name in dict.fromkeys([*names, *marks]):
        if name not in names or not rules.lowest <= marks.get(name, -1) <= rules.highest:
            found = marks.get(name, "-")
            raise InvalidMark(criterion=name, found=found, lowest=rules.lowest, highest=rules.highest)


class JurorsOnly(Refusal):
    """Only a juror may do this."""

    status = 403
    code = "jurors-only"


class NoJury(Refusal):
    """The season has no jury, or no season has begun yet."""

    status = 404
    code = "no-jury"


class JuryClosed(Refusal):
    """The jury of the season gives no scores at this moment."""

    code = "jury-closed"


class OwnClip(Refusal):
    """Jurors do not score their own clips."""

    code = "own-clip"


class InvalidMark(Refusal):
    """A criterion has no mark, one that is not on the scale, or does not exist."""

    code = "invalid-mark"


class ScoreChanged(Refusal):
    """The score is another one than the juror saw: it was changed in another window."""

    status = 409
    code = "score-changed"


class ScoresSetAside(Refusal):
    """An organizer has set the juror's scores of this season aside."""

    status = 403
    code = "scores-set-aside"


class JurorNotFound(Refusal):
    """The person is not a juror of this season."""

    status = 404
    code = "juror-not-found"
