"""What crosses HTTP about jobs."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from anb.jobs.domain import Job, JobState


class JobSeen(BaseModel):
    """Where the processing of a video stands."""

    task_id: UUID
    video_id: UUID | None = Field(description="null once the video was deleted.")
    state: JobState
    progress: int = Field(ge=0, le=100, description="Per cent of the edit.")
    attempt: int = Field(description="Tries begun so far.")
    reason: str | None = Field(None, description="Why it failed, for the player.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    timings: dict[str, float] = Field(description="Seconds by step, once done.")


def seen(job: Job, reason: str | None) -> JobSeen:
    """Show a job, with the reason a player reads when it failed."""
    return JobSeen(
        task_id=job.id,
        video_id=job.video_id,
        state=job.state,
        progress=job.progress,
        attempt=job.attempt,
        reason=reason,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        timings=job.timings,
    )
