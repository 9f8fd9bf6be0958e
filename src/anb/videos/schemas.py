"""The HTTP schemas of videos."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from anb.consents.domain import ConsentStanding as WaitsFor
from anb.jobs.domain import Job, JobState, Outlook
from anb.media.renditions import Rendition
from anb.sentences import Language
from anb.videos.domain import Status, Video
from anb.videos.file_urls import FileUrls

WAITS_FOR = "What a clip that is not being edited waits for, as in /api/account/consent; else null."

REASON = "Why the edit failed, or why organizers refused the clip or took it down, if they did."
REFUSED = "When organizers refused it, if they did; it does not count among the clips that a player may have."


class Submitted(BaseModel):
    """The clip was stored and its edit is queued."""

    message: Literal["Video subido correctamente. Procesamiento en curso."] = (
        "Video subido correctamente. Procesamiento en curso."
    )
    task_id: UUID
    video_id: UUID
    same_as: UUID | None = Field(None, description="Your earlier video of the very same file, if there is one.")


class VideoListed(BaseModel):
    """One of the caller's videos. Fields without a value are left out."""

    video_id: UUID
    title: str
    status: Status
    uploaded_at: datetime
    processed_at: datetime | None = None
    processed_url: str | None = None
    reason: str | None = Field(None, description=REASON)
    refused_at: datetime | None = Field(None, description=REFUSED)
    taken_down_at: datetime | None = Field(None, description="When organizers took it down for good, if they did.")
    waits_for: WaitsFor | None = Field(None, description=WAITS_FOR)
    start_seconds: float = Field(description="The second of the original at which its edit starts.")


class VideoDetail(BaseModel):
    """One video in full. A plain GET of an address returns the file; null while it does not exist."""

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
    reason: str | None = Field(None, description=REASON)
    refused_at: datetime | None = Field(None, description=REFUSED)
    waits_for: WaitsFor | None = Field(None, description=WAITS_FOR)
    published_at: datetime | None = Field(description="Since when the public may vote for it.")
    duration_seconds: float = Field(description="Length of the original.")
    start_seconds: float = Field(description="The second of the original at which its edit starts.")
    same_as: UUID | None = Field(None, description="The owner's earlier video of the very same file.")


class JobSeen(BaseModel):
    """The state of a video's processing."""

    task_id: UUID
    video_id: UUID | None = Field(description="null once the video was deleted.")
    state: Literal["held", "queued", "running", "done", "failed", "cancelled"]
    progress: int = Field(ge=0, le=100, description="Per cent of the edit.")
    place: int | None = Field(description="Place in line, from 1; null when not in line.")
    seconds_left: int | None = Field(description="An estimate; null when there is nothing to go by, or it is over.")
    attempt: int = Field(description="Tries begun so far; one that was handed to another worker is not counted.")
    attempts_most: int = Field(description="Attempts that may fail through our fault before we give up.")
    next_try_at: datetime | None = Field(description="When the job is tried again after our failure; null otherwise.")
    reason: str | None = Field(None, description="Why it failed, for the player.")
    waits_for: WaitsFor | None = Field(None, description=WAITS_FOR)
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    timings: dict[str, float] = Field(description="Seconds by step, once done.")


class Deleted(BaseModel):
    """The video and its files were deleted."""

    message: Literal["El video ha sido eliminado exitosamente."] = "El video ha sido eliminado exitosamente."
    video_id: UUID


def reason_of(video: Video, language: Language) -> str | None:
    """Say why a video has no edit, or why organizers refused it or took it down, in the reader's language."""
    if video.verdict is not None:
        return video.verdict.said(language)
    return None if video.reason is None else video.reason.text(language)


def listed(video: Video, addresses: FileUrls, language: Language, waits_for: WaitsFor | None = None) -> VideoListed:
    """Show a video in its owner's list."""
    return VideoListed(
        video_id=video.id,
        title=video.title,
        status=video.status,
        uploaded_at=video.uploaded_at,
        processed_at=video.processed_at,
        processed_url=addresses.of(video, Rendition.PROCESSED),
        reason=reason_of(video, language),
        refused_at=video.refused_at,
        taken_down_at=video.taken_down_at,
        waits_for=waits_for,
        start_seconds=video.start_seconds,
    )


def detail(video: Video, addresses: FileUrls, language: Language, waits_for: WaitsFor | None = None) -> VideoDetail:
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
        refused_at=video.refused_at,
        waits_for=waits_for,
        published_at=video.published_at,
        duration_seconds=video.duration_seconds,
        start_seconds=video.start_seconds,
        same_as=video.same_as_id,
    )


def job_seen(
    job: Job, reason: str | None, ahead: Outlook, attempts_most: int, waits_for: WaitsFor | None = None
) -> JobSeen:
    """Show a job, with the reason a player reads when it failed."""
    return JobSeen(
        task_id=job.id,
        video_id=job.video_id,
        # Players see a dead letter as failed, although an operator may still retry it.
        state="failed" if job.state is JobState.DEAD else job.state.value,
        progress=job.progress,
        place=ahead.place,
        seconds_left=None if ahead.seconds_left is None else round(ahead.seconds_left),
        attempt=job.tries,
        attempts_most=attempts_most,
        next_try_at=job.next_try_at,
        reason=reason,
        waits_for=waits_for,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        timings=job.timings,
    )
