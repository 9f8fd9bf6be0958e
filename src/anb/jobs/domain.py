"""What a job is, how it moves, and who may move it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from anb.errors import Bilingual, Refusal


class JobState(StrEnum):
    """Where a job stands: queued → running → done, failed or cancelled; a lost lease leads back to queued."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Job:
    """A job as its owner sees it."""

    id: UUID
    video_id: UUID | None  # None once the video was deleted
    owner_id: UUID
    state: JobState
    attempt: int  # tries begun so far
    progress: int  # per cent of the edit
    created_at: datetime
    started_at: datetime | None  # of the latest try
    finished_at: datetime | None
    timings: dict[str, float]  # seconds by step, once done


@dataclass(frozen=True)
class Claim:
    """The right to work on a job until the lease ends. The attempt number fences every later write."""

    job_id: UUID
    video_id: UUID
    attempt: int


@dataclass(frozen=True)
class Lost:
    """A job whose worker said nothing for too long, and whether it is worth another try."""

    job_id: UUID
    video_id: UUID
    attempt: int


class JobNotFound(Refusal):
    """No job has this id."""

    status = 404
    code = "job-not-found"
    es = "Esta tarea no existe."
    en = "There is no such task."


class NotYourJob(Refusal):
    """The job is of somebody else's video."""

    status = 403
    code = "not-your-job"
    es = "Esta tarea es de otra persona."
    en = "This task is somebody else's."


# What a player reads when it was us and not the clip.
OUR_FAULT = Bilingual(
    "No pudimos editar tu video por un problema nuestro; no es tu archivo. Vuelve a subirlo, por favor.",
    "We could not edit your video because of a problem of ours; it is not your file. Please upload it again.",
)


def retry_delay(attempt: int) -> float:
    """Seconds to wait before the next try after `attempt` tries: 2, 8, 32 …, at most 5 minutes."""
    return float(min(2 * 4 ** (attempt - 1), 300))
