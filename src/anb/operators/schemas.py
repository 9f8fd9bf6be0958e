"""What crosses HTTP, and `--json`, about the work of operators."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from anb.jobs.domain import Drain, Event, Figures, JobState, Lane, Record, What


class Shown(BaseModel):
    """Read from what the services return, by its names."""

    model_config = ConfigDict(from_attributes=True)


class LineShown(Shown):
    """How the line is doing. One that stands has an old `waiting_seconds` and no young `last_begun_seconds`."""

    due: int = Field(description="Jobs that could begin now.")
    running: int
    dead: int = Field(description="Dead letters: jobs that wait for an operator.")
    waiting_seconds: float | None = Field(description="Since the oldest due job could begin; null when none waits.")
    last_begun_seconds: float | None = Field(description="Since a job was begun; null when none ever was.")
    drained: bool = Field(description="Whether workers were told to take no new job.")


class JobListed(Shown):
    """A job as operators see it."""

    id: UUID
    video_id: UUID | None
    owner_id: UUID
    state: JobState
    lane: Lane
    round: int = Field(description="1, and one more with each retry by an operator.")
    attempt: int = Field(description="Claims ever made; it fences.")
    faults: int = Field(description="Tries of this round that ended by a fault of ours.")
    deaths: int = Field(description="Tries of this round in which the worker died.")
    progress: int
    worker: str | None
    failure: str | None
    created_at: datetime
    available_at: datetime
    next_try_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    lease_expires_at: datetime | None
    timings: dict[str, float]


class EventShown(Shown):
    """A line of a job's timeline."""

    at: datetime
    what: What
    attempt: int
    worker: str | None
    who: str | None
    detail: str | None


class JobShown(JobListed):
    """A job with its timeline."""

    events: list[EventShown]


class DrainShown(Shown):
    """Since when workers take no new job, and at whose word; both null when they do."""

    since: datetime | None = None
    who: str | None = None


def line_shown(line: Figures) -> LineShown:
    """Show how the line is doing."""
    return LineShown.model_validate(line)


def job_listed(job: Record) -> JobListed:
    """Show a job."""
    return JobListed.model_validate(job)


def job_shown(job: Record, events: list[Event]) -> JobShown:
    """Show a job with its timeline."""
    lines = [EventShown.model_validate(event) for event in events]
    return JobShown(**job_listed(job).model_dump(), events=lines)


def drain_shown(drain: Drain | None) -> DrainShown:
    """Show whether workers are drained."""
    return DrainShown() if drain is None else DrainShown.model_validate(drain)
