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


LIVE = frozenset({JobState.QUEUED, JobState.RUNNING})


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


@dataclass(frozen=True)
class Line:
    """What somebody in line sees of it."""

    ahead: int  # jobs that come before
    working: int  # jobs under way
    pace: float | None  # seconds a job takes, as of late; None before the first was done
    elapsed: float  # seconds since this job's latest try began


@dataclass(frozen=True)
class Outlook:
    """How long it will still take, as far as one can say."""

    place: int | None  # in line, from 1; None when not in line
    seconds_left: float | None


class JobOver(Refusal):
    """The job has ended, so there is nothing to cancel."""

    code = "job-over"
    es = "Esta tarea ya terminó; no hay nada que cancelar."
    en = "This task is over; there is nothing to cancel."


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


CANCELLED = Bilingual(
    "Cancelaste la edición de este video. Elimínalo o vuelve a subirlo cuando quieras.",
    "You cancelled the edit of this video. Delete it or upload it again whenever you like.",
)


def outlook(job: Job, line: Line) -> Outlook:
    """Estimate how long a job still takes: by its own progress once it moves, by the pace of the others before."""
    if job.state is JobState.RUNNING:
        if job.progress > 0:
            return Outlook(None, line.elapsed * (100 - job.progress) / job.progress)
        return Outlook(None, None if line.pace is None else max(line.pace - line.elapsed, 0.0))
    if job.state is JobState.QUEUED:
        # As many are done at once as are under way now; an idle worker takes the first in line.
        rounds = (line.ahead + line.working) / max(line.working, 1) + 1
        return Outlook(line.ahead + 1, None if line.pace is None else line.pace * rounds)
    return Outlook(None, None)


def retry_delay(attempt: int) -> float:
    """Seconds to wait before the next try after `attempt` tries: 2, 8, 32 …, at most 5 minutes."""
    return float(min(2 * 4 ** (attempt - 1), 300))
