"""The schemas of moderation, over HTTP and with `--json`."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from anb.videos.domain import Video

Why = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00]*$")]


class Approval(BaseModel):
    """A clip may be published."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": ""}]})

    reason: Why = Field("", description="For the audit trail.")


class Hiding(BaseModel):
    """A clip is hidden for a reason."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Muestra a otra persona"}]})

    reason: Annotated[Why, StringConstraints(min_length=1)] = Field(description="For the audit trail.")


class ModeratedClip(BaseModel):
    """A clip as its moderators see it. Its files are at `/api/videos/{video_id}/…`, for organizers always."""

    video_id: UUID
    owner_id: UUID
    title: str
    state: Literal["waiting", "public", "hidden"]
    processed_at: datetime | None
    first_published_at: datetime | None
    votes: int = Field(description="Votes of the public; those of a hidden clip count again once it is restored.")


def moderated_clip(video: Video) -> ModeratedClip:
    """Show a clip to its moderators."""
    return ModeratedClip(
        video_id=video.id,
        owner_id=video.owner_id,
        title=video.title,
        state="public" if video.is_public else "hidden" if video.was_public else "waiting",
        processed_at=video.processed_at,
        first_published_at=video.first_published_at,
        votes=video.votes,
    )
