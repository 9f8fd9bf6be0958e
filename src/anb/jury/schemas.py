"""The HTTP schemas of the jury."""

from datetime import datetime
from fractions import Fraction
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from anb.contest.jury_schemas import JuryRulesSchema
from anb.jury.domain import NOTE_LENGTH, ClipScore, JurorProgress, JuryScore, SpreadClip

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=NOTE_LENGTH, pattern=r"^[^\x00]*$")]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


class NewScore(BaseModel):
    """What a juror thinks of a clip."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"marks": {"technique": 8, "creativity": 6}, "note": "", "revision": 0}]}
    )

    marks: dict[Annotated[str, StringConstraints(max_length=30)], int] = Field(
        max_length=20, description="A mark for each criterion, by its name."
    )
    note: Note = ""
    revision: int | None = Field(
        None, ge=0, description="Of the score that is changed, 0 for none: refused if it has changed since. null: any."
    )


class ScoreShown(BaseModel):
    """A juror's own score. Without marks, it was taken back."""

    marks: dict[str, int] | None
    note: str | None
    revision: int
    scored_at: datetime

    @classmethod
    def of(cls, score: JuryScore) -> Self:
        """Show a score."""
        marks = None if score.marks is None else dict(score.marks)
        return cls(marks=marks, note=score.note, revision=score.revision, scored_at=score.scored_at)


class OwnScore(ScoreShown):
    """A juror's own score, and the name of its clip in the queue."""

    clip: str


class JuryClip(BaseModel):
    """A clip in a juror's queue. Whose it is, its title and its counts are left out if the jury is blind."""

    clip: str = Field(description="Its name in the queue; another one in each answer.")
    files: dict[str, str] = Field(description="The addresses of its files.")
    seconds: float
    score: ScoreShown | None = None
    title: str | None = None
    player: str | None = None
    city: str | None = None
    votes: int | None = None
    jury_votes: int | None = None


class QueueShown(BaseModel):
    """A juror's queue."""

    season: str
    slug: str
    rules: JuryRulesSchema
    open: bool = Field(description="Whether scores are taken at this moment.")
    closes_at: datetime | None
    scored: int
    total: int
    next: JuryClip | None = Field(description="The next clip without a score; null when there is none.")


class GivenScore(BaseModel):
    """A juror's score, as organizers see it."""

    juror_id: UUID
    marks: dict[str, int]
    note: str | None

    @classmethod
    def of(cls, score: ClipScore) -> Self:
        """Show a score."""
        return cls(juror_id=score.juror_id, marks=dict(score.marks), note=score.note)


class SpreadShown(BaseModel):
    """How far the scores of a clip are apart."""

    video_id: UUID
    title: str
    player: str
    city: str
    mean: float | None
    deviation: float | None = Field(description="Standard deviation of the jurors' weighted means.")
    lowest: float | None
    highest: float | None
    scores: list[GivenScore]
    missing: list[UUID] = Field(description="Jurors who have not scored it.")

    @classmethod
    def of(cls, found: SpreadClip) -> Self:
        """Show the spread of a clip."""
        numbers: dict[str, Any] = {name: _rounded(getattr(found, name)) for name in ("mean", "lowest", "highest")}
        return cls(
            video_id=found.clip.video_id,
            title=found.clip.title,
            player=found.clip.player,
            city=found.clip.city,
            deviation=_rounded(found.deviation),
            scores=[GivenScore.of(one) for one in found.scores],
            missing=list(found.missing),
            **numbers,
        )


class JurorShown(BaseModel):
    """A juror of a season, as organizers see them."""

    account_id: UUID
    name: str
    is_juror: bool = Field(description="Has the role now.")
    scored: int
    set_aside_at: datetime | None

    @classmethod
    def of(cls, juror: JurorProgress) -> Self:
        """Show a juror."""
        return cls(
            account_id=juror.id,
            name=juror.name,
            is_juror=juror.is_juror,
            scored=juror.scored,
            set_aside_at=juror.set_aside_at,
        )


class SetAside(BaseModel):
    """A juror's scores are set aside, or count again, for a reason."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Entrena a un jugador de esta temporada."}]})

    reason: Why = Field(description="For the audit trail.")


def _rounded(value: Fraction | float | None) -> float | None:
    return None if value is None else round(float(value), 4)
