"""What crosses HTTP about videos."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from anb.errors import Language
from anb.jobs.domain import Job, JobState, Outlook
from anb.media.renditions import Rendition
from anb.videos.addresses import Addresses
from anb.videos.domain import Status, Video


class Submitted(BaseModel):
    """The clip was kept and its edit is queued."""

    message: Literal["Video subido correctamente. Procesamiento en curso."] = (
        "Video subido correctamente. Procesamiento en curso."
    )
    task_id: UUID
    video_id: UUID


class VideoListed(BaseModel):
    """One of the caller's videos. What is not there yet is left out."""

    video_id: UUID
    title: str
    status: Status
    uploaded_at: datetime
    processed_at: datetime | None = None
    processed_url: str | None = None
    reason: str | None = Field(None, description="Why there is no edit, when it failed.")


class VideoDetail(BaseModel):
    """One video in full. Each address answers the file itself to a plain GET; null while there is none."""

    video_id: UUID
    title: str
    status: Status
    uploaded_at: datetime
    processed_at: datetime | None
    original_url: str
    processed_url: str | None
    light_url: str | None = Field(description="The edit at 640x360, for poor networks.")
    poster_url: str | None = Field(description="A still of it, 1280x720 (JPEG).")
    thumbnails_url: str | None = Field(description="Small stills, one a second, for seeking (WebVTT, on a sprite).")
    votes: int = Field(description="Votes of the public.")
    reason: str | None = Field(None, description="Why there is no edit, when it failed.")
    published_at: datetime | None = Field(description="Since when the public may vote for it.")
    duration_seconds: float = Field(description="Length of the original.")


class JobSeen(BaseModel):
    """Where the processing of a video stands."""

    task_id: UUID
    video_id: UUID | None = Field(description="null once the video was deleted.")
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: int = Field(ge=0, le=100, description="Per cent of the edit.")
    place: int | None = Field(description="Place in line, from 1; null when not in line.")
    seconds_left: int | None = Field(description="An estimate; null when there is nothing to go by, or it is over.")
    attempt: int = Field(description="Tries begun so far; one that was handed to another worker is not counted.")
    attempts_most: int = Field(description="Tries that may fail by a fault of ours before we give up.")
    next_try_at: datetime | None = Field(description="When it is tried again after a fault of ours; null otherwise.")
    reason: str | None = Field(None, description="Why it failed, for the player.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    timings: dict[str, float] = Field(description="Seconds by step, once done.")


class Deleted(BaseModel):
    """The video and its files are gone."""

    message: Literal["El video ha sido eliminado exitosamente."] = "El video ha sido eliminado exitosamente."
    video_id: UUID


def reason_of(video: Video, language: Language) -> str | None:
    """Say why there is no edit, in the reader's language."""
    return None if video.reason is None else video.reason.text(language)


def listed(video: Video, addresses: Addresses, language: Language) -> VideoListed:
    """Show a video in its owner's list."""
    return VideoListed(
        video_id=video.id,
        title=video.title,
        status=video.status,
        uploaded_at=video.uploaded_at,
        processed_at=video.processed_at,
        processed_url=addresses.of(video, Rendition.PROCESSED),
        reason=reason_of(video, language),
    )


def detail(video: Video, addresses: Addresses, language: Language) -> VideoDetail:
    """Show a video to its owner."""
    return VideoDetail(
        video_id=video.id,
        title=video.title,
        status=video.status,
        uploaded_at=video.uploaded_at,
        processed_at=video.processed_at,
        original_url=addresses.of(video, Rendition.ORIGINAL) or "",
        processed_url=addresses.of(video, Rendition.PROCESSED),
        light_url=addresses.of(video, Rendition.LIGHT),
        poster_url=addresses.of(video, Rendition.POSTER),
        thumbnails_url=addresses.of(video, Rendition.THUMBNAILS),
        votes=video.votes,
        reason=reason_of(video, language),
        published_at=video.published_at,
        duration_seconds=video.duration_seconds,
    )


def job_seen(job: Job, reason: str | None, ahead: Outlook, attempts_most: int) -> JobSeen:
    """Show a job, with the reason a player reads when it failed."""
    return JobSeen(
        task_id=job.id,
        video_id=job.video_id,
        # To a player a dead letter has failed; that we may still mend it is ours to know.
        state="failed" if job.state is JobState.DEAD else job.state.value,
        progress=job.progress,
        place=ahead.place,
        seconds_left=None if ahead.seconds_left is None else round(ahead.seconds_left),
        attempt=job.tries,
        attempts_most=attempts_most,
        next_try_at=job.next_try_at,
        reason=reason,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        timings=job.timings,
    )
