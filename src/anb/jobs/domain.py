"""A job: its states, its timeline, and its refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from anb.errors import Refusal


class JobState(StrEnum):
    """The state of a job. The database decides which transitions are legal: see docs/packages/jobs.md."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # the file is at fault
    DEAD = "dead"  # the platform is at fault: all attempts are used up, and it waits for an operator
    CANCELLED = "cancelled"
    HELD = "held"  # no worker may claim it: it waits for a person's consent


LIVE = frozenset({JobState.QUEUED, JobState.RUNNING})
UNFINISHED = LIVE | {JobState.HELD}
# In these states the current attempt counts, however it ends.
_TRYING = frozenset({JobState.RUNNING, JobState.DONE, JobState.FAILED})


class Lane(StrEnum):
    """The kind of a job. Lanes alternate, so that none starves another."""

    LIGHT = "light"
    HEAVY = "heavy"
    REEDIT = "reedit"  # of a video that already has an edit
    SUSPECT = "suspect"  # its workers died of it, or so it seems: one of these runs at a time


class What(StrEnum):
    """What happened to a job, as in its timeline."""

    QUEUED = "queued"
    SENT = "sent"  # again, by the reconciler
    BEGUN = "begun"
    RETRIED = "retried"  # the platform failed; queued again
    LOST = "lost"  # its worker was silent until the lease ended; queued again
    HANDED_OVER = "handed over"  # its worker was told to stop; queued again
    DONE = "done"
    FAILED = "failed"
    DEAD = "dead"
    CANCELLED = "cancelled"
    REOPENED = "reopened"  # by an operator
    HELD = "held"  # until a person consents
    RELEASED = "released"  # queued, since they consented


@dataclass(frozen=True)
class Job:
    """A job as its owner sees it."""

    id: UUID
    video_id: UUID | None  # None once the video was deleted
    owner_id: UUID
    state: JobState
    attempt: int  # number of claims; it only grows, and fences
    faults: int  # attempts in this round that ended because the platform failed
    deaths: int  # attempts in this round in which the worker died
    lane: Lane
    progress: int  # per cent of the edit
    created_at: datetime
    started_at: datetime | None  # of the latest attempt
    finished_at: datetime | None
    next_try_at: datetime | None  # while it waits for another attempt
    timings: dict[str, float]  # seconds by step, once done

    @property
    def tries(self) -> int:
        """Attempts begun so far that count; one that was handed over does not."""
        return self.faults + self.deaths + (self.state in _TRYING)


class JobStatus(NamedTuple):
    """The part of a job that its followers see; thousands of these are read at once."""

    id: UUID
    owner_id: UUID
    state: JobState
    progress: int
    faults: int
    deaths: int
    next_try_at: datetime | None

    @property
    def tries(self) -> int:
        """Attempts begun so far that count."""
        return self.faults + self.deaths + (self.state in _TRYING)


@dataclass(frozen=True)
class Record(Job):
    """A job as an operator sees it."""

    round: int  # 1, plus one for each retry by an operator
    worker: str | None  # the current worker, or the last one
    failure: str | None  # the last one, in full
    available_at: datetime  # when it may be claimed
    sent_at: datetime | None
    lease_expires_at: datetime | None


@dataclass(frozen=True)
class TimelineEntry:
    """An entry of a job's timeline."""

    at: datetime
    what: What
    attempt: int
    worker: str | None
    who: str | None  # the person who did it, if it was one
    detail: str | None


class Spacing(NamedTuple):
    """The spacing in seconds between jobs of one player, and of one network; a keyed hash names the network."""

    spacing: float
    origin: str | None = None
    origin_spacing: float = 0


@dataclass(frozen=True)
class Claim:
    """The right to work on a job until the lease ends. The attempt number fences every later write."""

    job_id: UUID
    video_id: UUID
    attempt: int
    faults: int  # before this attempt


class HeldJob(NamedTuple):
    """A job that waits for a person's consent."""

    id: UUID
    video_id: UUID
    lane: Lane
    origin: str | None
    since: datetime


@dataclass(frozen=True)
class Lost:
    """A job whose worker was silent for too long, and whether it gets another attempt."""

    job_id: UUID
    video_id: UUID
    attempt: int
    dead: bool


@dataclass(frozen=True)
class Drain:
    """Workers take no new job: since when, and by whose order."""

    since: datetime
    who: str


@dataclass(frozen=True)
class Figures:
    """The state of the queue. In a stalled queue `waiting_seconds` is large, and `last_begun_seconds` large or None."""

    due: int  # jobs that a worker could claim now
    running: int
    dead: int
    held: int  # jobs that wait for a person's consent
    waiting_seconds: float | None  # since the oldest due job became due
    last_begun_seconds: float | None  # since a job was claimed
    drained: bool


@dataclass(frozen=True)
class Outlook:
    """An estimate of the time that a job still takes."""

    place: int | None  # position in the queue, from 1; None when not in the queue
    seconds_left: float | None


class JobOver(Refusal):
    """The job has ended, so it can no longer be cancelled."""

    code = "job-over"


class JobNotRetriable(Refusal):
    """Only a failed or dead job of an existing video can be tried again."""

    code = "job-not-retriable"


class JobNotFound(Refusal):
    """No job has this id."""

    status = 404
    code = "job-not-found"


class NotYourJob(Refusal):
    """The job belongs to another player's video."""

    status = 403
    code = "not-your-job"


def retry_delay(fault: int, chance: float) -> float:
    """Return the seconds to wait after the n-th fault: 5, 30, 180 …, at most 5 minutes, half of it at random.

    `chance` is from 0 to 1. It prevents jobs that failed together from being tried again together.
    """
    return float(min(5 * 6 ** (fault - 1), 300)) * (0.5 + chance / 2)
