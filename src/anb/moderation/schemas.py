"""The schemas of moderation, over HTTP and with `--json`."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from anb.moderation.domain import ReportOutcome, ReportReason
from anb.sentences import Language
from anb.videos.domain import Video
from anb.videos.verdict import ClipState, RefusalReason, Verdict

Why = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00]*$")]


class Approval(BaseModel):
    """A clip may be published."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": ""}]})

    reason: Why = Field("", description="For the audit trail.")


class Hiding(BaseModel):
    """A clip is hidden for a reason."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Muestra a otra persona"}]})

    reason: Annotated[Why, StringConstraints(min_length=1)] = Field(description="For the audit trail.")


class RefusalAsked(BaseModel):
    """A clip that waits is refused."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "other-people", "text": ""}]})

    reason: RefusalReason = Field(description="The player reads its sentence.")
    text: Why = Field("", description="What you add to it, for the player and the audit trail.")

    @property
    def verdict(self) -> Verdict:
        """The verdict for the player."""
        return Verdict(self.reason, self.text)


class TakeDownAsked(RefusalAsked):
    """A clip is taken down for good."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "other-people", "text": "", "confirm": True}]})

    confirm: Literal[True] = Field(description="true: it cannot be undone.")


class ModeratedClip(BaseModel):
    """A clip as its moderators see it. Its files are at `/api/videos/{video_id}/…`, for organizers always."""

    video_id: UUID
    owner_id: UUID
    title: str
    state: ClipState
    processed_at: datetime | None
    first_published_at: datetime | None
    votes: int = Field(description="Votes of the public; those of a hidden clip count again once it is restored.")
    refused_at: datetime | None
    taken_down_at: datetime | None
    reason: RefusalReason | None = Field(description="Why it was refused or taken down.")
    told: str | None = Field(description="What its player reads of that.")


class ReportAsked(BaseModel):
    """A person says why a clip should not be public."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "other-people", "text": ""}]})

    reason: ReportReason
    text: Why = Field("", description="What organizers should know. Name no person.")


class Reported(BaseModel):
    """The report was stored, or an earlier one is: the answer is the same."""

    message: Literal["Gracias: los organizadores lo revisarán."] = "Gracias: los organizadores lo revisarán."
    video_id: UUID


class ReportShown(BaseModel):
    """A report as organizers see it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    reporter_id: UUID | None = Field(description="null: without an account, or it is erased.")
    reason: ReportReason
    words: str
    made_at: datetime
    closed_at: datetime | None
    outcome: ReportOutcome | None


class ReportedClip(BaseModel):
    """A clip whose reports wait for a decision."""

    clip: ModeratedClip
    due_at: datetime | None
    reviewed_at: datetime | None = Field(description="When earlier reports were dismissed.")
    reports: dict[ReportReason, int] = Field(description="Open reports, by reason.")


def moderated_clip(video: Video, language: Language) -> ModeratedClip:
    """Show a clip to its moderators."""
    return ModeratedClip(
        video_id=video.id,
        owner_id=video.owner_id,
        title=video.title,
        state=video.clip_state,
        processed_at=video.processed_at,
        first_published_at=video.first_published_at,
        votes=video.votes,
        refused_at=video.refused_at,
        taken_down_at=video.taken_down_at,
        reason=video.verdict and video.verdict.reason,
        told=video.verdict and video.verdict.said(language),
    )
