"""What crosses HTTP about resumable uploads."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from anb.uploads.domain import State, Upload


class UploadSeen(BaseModel):
    """Where a resumable upload stands. One that the rules refused answers with that refusal instead."""

    upload_id: UUID
    title: str
    state: State
    bytes: int = Field(description="Of the whole.")
    received: int = Field(description="Bytes that are safe; the next piece begins here.")
    expires_at: datetime = Field(description="It is given up then, unless more of it comes.")
    task_id: UUID | None = Field(description="The job of its edit, once accepted.")
    video_id: UUID | None = Field(description="The video it became, unless that was deleted.")


def seen(upload: Upload) -> UploadSeen:
    """Show an upload to its owner."""
    return UploadSeen(
        upload_id=upload.id,
        title=upload.title,
        state=upload.state,
        bytes=upload.bytes,
        received=upload.received,
        expires_at=upload.expires_at,
        task_id=upload.job_id,
        video_id=upload.video_id,
    )
