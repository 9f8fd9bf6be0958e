"""What a job is, how it moves, and who may move it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from anb.errors import Bilingual, Refusal


class JobState(StrEnum):
    """Where a job stands. How it may move is the database's to say: see docs/rooms/jobs.md."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # the file is at fault
    DEAD = "dead"  # we are: its tries are used up, and it waits for an operator
    CANCELLED = "cancelled"


LIVE = frozenset({JobState.QUEUED, JobState.RUNNING})
# In these a try that was begun counts, whatever comes of it.
_TRYING = frozenset({JobState.RUNNING, JobState.DONE, JobState.FAILED})


class Lane(StrEnum):
    """What kind of job it is: the lanes take turns, so that none starves another."""

    LIGHT = "light"
    HEAVY = "heavy"
    REEDIT = "reedit"  # of a video that has an edit already
    SUSPECT = "suspect"  # its workers died of it, or so it seems: one of these runs at a time


class What(StrEnum):
    """What happened to a job, as its timeline says it."""

    QUEUED = "queued"
    SENT = "sent"  # again, by the reconciler
    BEGUN = "begun"
    RETRIED = "retried"  # a fault of ours; queued again
    LOST = "lost"  # its worker said nothing until the lease ended; queued again
    HANDED_OVER = "handed over"  # its worker was told to stop; queued again
    DONE = "done"
    FAILED = "failed"
    DEAD = "dead"
    CANCELLED = "cancelled"
    REOPENED = "reopened"  # by an operator


@dataclass(frozen=True)
class Job:
    """A job as its owner sees it."""

    id: UUID
    video_id: UUID | None  # None once the video was deleted
    owner_id: UUID
    state: JobState
    attempt: int  # claims ever made; it only grows, and fences
    faults: int  # tries that ended by a fault of ours, in this round
    deaths: int  # tries in which the worker died, in this round
    lane: Lane
    progress: int  # per cent of the edit
    created_at: datetime
    started_at: datetime | None  # of the latest try
    finished_at: datetime | None
    next_try_at: datetime | None  # when it waits for that
    timings: dict[str, float]  # seconds by step, once done

    @property
    def tries(self) -> int:
        """Tries begun so far that count: one that was handed over does not."""
        return self.faults + self.deaths + (self.state in _TRYING)


@dataclass(frozen=True)
class Record(Job):
    """A job as an operator sees it."""

    round: int  # 1, and one more with each retry by an operator
    worker: str | None  # that has it, or had it last
    failure: str | None  # the last one, in full
    available_at: datetime  # when it may be begun
    sent_at: datetime | None
    lease_expires_at: datetime | None


@dataclass(frozen=True)
class Event:
    """A line of a job's timeline."""

    at: datetime
    what: What
    attempt: int
    worker: str | None
    who: str | None  # did it, where it was a person
    detail: str | None


@dataclass(frozen=True)
class Claim:
    """The right to work on a job until the lease ends. The attempt number fences every later write."""

    job_id: UUID
    video_id: UUID
    attempt: int
    faults: int = 0  # before this try


@dataclass(frozen=True)
class Lost:
    """A job whose worker said nothing for too long, and whether it is worth another try."""

    job_id: UUID
    video_id: UUID
    attempt: int
    dead: bool


@dataclass(frozen=True)
class Drain:
    """Workers take no new job, by whose word and since when."""

    since: datetime
    who: str


@dataclass(frozen=True)
class Figures:
    """How the line is doing. A line that stands has an old `waiting_seconds` and no young `last_begun_seconds`."""

    due: int  # jobs that could begin now
    running: int
    dead: int
    waiting_seconds: float | None  # since the oldest due job could begin
    last_begun_seconds: float | None  # since a job was begun
    drained: bool


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


class JobNotRetriable(Refusal):
    """Only a failed or dead job of a video that is still there can be tried again."""

    code = "job-not-retriable"
    es = "Esta tarea está en estado {state}; solo se reintenta una «failed» o «dead» cuyo video exista."
    en = "This task is {state}; only one that is failed or dead, and whose video exists, can be tried again."


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


def retry_delay(fault: int, chance: float) -> float:
    """Seconds to wait after the n-th fault of ours: 5, 30, 180 …, at most 5 minutes, and half of it left to chance.

    `chance` is from 0 to 1. It keeps jobs that failed together from coming back together.
    """
    return float(min(5 * 6 ** (fault - 1), 300)) * (0.5 + chance / 2)
