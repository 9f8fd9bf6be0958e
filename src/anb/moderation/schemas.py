"""The schemas of moderation, over HTTP and with `--json`."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

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
