"""The HTTP schemas of resumable uploads."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from anb.resumable.domain import State, Upload


class UploadSeen(BaseModel):
    """The state of a resumable upload. If the rules refused it, the answer is that refusal instead."""

    upload_id: UUID
    title: str
    state: State
    start_seconds: float = Field(description="The second of the clip at which its edit starts.")
    bytes: int = Field(description="Of the whole.")
    received: int = Field(description="Bytes that are safe; the next chunk begins here.")
    expires_at: datetime = Field(description="It is given up then, unless more of it comes.")
    task_id: UUID | None = Field(description="The job of its edit, once accepted.")
    video_id: UUID | None = Field(description="The video it became, unless that was deleted.")


def seen(upload: Upload) -> UploadSeen:
    """Show an upload to its owner."""
    return UploadSeen(
        upload_id=upload.id,
        title=upload.title,
        state=upload.state,
        start_seconds=upload.start_seconds,
        bytes=upload.bytes,
        received=upload.received,
        expires_at=upload.expires_at,
        task_id=upload.job_id,
        video_id=upload.video_id,
    )
