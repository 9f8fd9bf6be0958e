"""The schemas for operators, over HTTP and with `--json`."""

import json
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from anb.audit.domain import AuditEntry
from anb.jobs.domain import Drain, Figures, JobState, Lane, Record, TimelineEntry, What
from anb.mail.domain import MailFigures


class FromService(BaseModel):
    """A schema that reads what services return, by field name."""

    model_config = ConfigDict(from_attributes=True)


class LineShown(FromService):
    """The state of the queue. In a stalled queue `waiting_seconds` is large, and `last_begun_seconds` large or null."""

    due: int = Field(description="Jobs that a worker could claim now.")
    running: int
    dead: int = Field(description="Dead letters: jobs that wait for an operator.")
    held: int = Field(description="Jobs that wait for a player's or a guardian's consent.")
    waiting_seconds: float | None = Field(description="Since the oldest due job became due; null when none is due.")
    last_begun_seconds: float | None = Field(description="Since a job was last claimed; null when none ever was.")
    drained: bool = Field(description="Whether workers were told to take no new job.")


class OutboxShown(FromService):
    """The state of the outbox of mail. If no mail leaves it, `waiting_seconds` grows."""

    due: int = Field(description="Mails that a sender could claim now.")
    held: int = Field(description="Mails that wait until a mail server is set.")
    dead: int = Field(description="Dead letters: mails that wait for an operator.")
    waiting_seconds: float | None = Field(description="Since the oldest due mail became due; null when none is due.")
    died_today: int = Field(description="Dead letters of the last 24 hours.")
    oldest_seconds: float | None = Field(
        description="Since the oldest mail was posted that a person waits for and that is not handed over yet, however "
        "often it was tried; null when there is none."
    )


class ErasuresShown(FromService):
    """The state of the requests to erase accounts."""

    unfinished: int = Field(description="Requests that are not carried out an hour after their grace period.")
    due_soon: int = Field(description="Requests whose limit by law is over, or not three days away.")
    overdue: int = Field(description="Requests whose limit by law is over.")


class RetentionShown(FromService):
    """The state of the nightly removal of old data."""

    seconds_since: float | None = Field(description="Since it last ended; null when it never did.")


class CountShown(FromService):
    """The state of the count of votes."""

    waiting_seconds: float | None = Field(
        description="Since the oldest vote, or other entry of a log, waits to be sealed; null when none does."
    )
    compared_seconds: float | None = Field(
        description="Since rows, tallies and log were last compared, of the season where that is longest ago; null "
        "when no season is being counted."
    )
    differing: int = Field(description="Seasons whose rows, tallies and log differed when they were last compared.")
    stopped: int = Field(description="Closed seasons whose results are not frozen because these differ.")
    late: int = Field(description="Other seasons whose results were due ten minutes ago and are not frozen.")


class Backlog(BaseModel):
    """The work that waits, as the database knows it."""

    line: LineShown
    mail: OutboxShown
    erasures: ErasuresShown
    retention: RetentionShown
    count: CountShown


class JobListed(FromService):
    """A job as operators see it."""

    id: UUID
    video_id: UUID | None
    owner_id: UUID
    state: JobState
    lane: Lane
    round: int = Field(description="1, plus one for each retry by an operator.")
    attempt: int = Field(description="Number of claims; it fences.")
    faults: int = Field(description="Attempts in this round that ended because the platform failed.")
    deaths: int = Field(description="Attempts in this round in which the worker died.")
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


class EventShown(FromService):
    """An entry of a job's timeline."""

    at: datetime
    what: What
    attempt: int
    worker: str | None
    who: str | None
    detail: str | None


class JobShown(JobListed):
    """A job with its timeline."""

    same_as: UUID | None = Field(description="The owner's earlier video with the same file; null if none exists.")
    events: list[EventShown]


class DrainShown(FromService):
    """Since when workers take no new job, and by whose order; both null when they take jobs."""

    since: datetime | None = None
    who: str | None = None


class AuditedActShown(BaseModel):
    """An act in the audit trail. `hash` covers it and, by the hash before, every earlier one."""

    number: int
    at: datetime
    act: str
    actor_role: str = Field(description="`operator` for a command on a host.")
    actor_id: UUID | None
    actor_name: str | None = Field(description="Null once it was erased.")
    target_kind: str
    target_id: str
    target_account_id: UUID | None = Field(description="The account whose the target is.")
    reason: str | None = Field(description="Null once it was erased; empty if none was given.")
    details: dict[str, str | int | bool | None]
    hash: str


def line_shown(line: Figures) -> LineShown:
    """Show the state of the queue."""
    return LineShown.model_validate(line)


def outbox_shown(figures: MailFigures) -> OutboxShown:
    """Show the state of the outbox."""
    return OutboxShown.model_validate(figures)


def job_listed(job: Record) -> JobListed:
    """Show a job."""
    return JobListed.model_validate(job)


def job_shown(job: Record, events: list[TimelineEntry], same_as: UUID | None) -> JobShown:
    """Show a job with its timeline."""
    lines = [EventShown.model_validate(event) for event in events]
    return JobShown(**job_listed(job).model_dump(), same_as=same_as, events=lines)


def drain_shown(drain: Drain | None) -> DrainShown:
    """Show whether workers are drained."""
    return DrainShown() if drain is None else DrainShown.model_validate(drain)


def audited_act_shown(entry: AuditEntry) -> AuditedActShown:
    """Show an act of the audit trail."""
    what = entry.what
    return AuditedActShown(
        number=entry.number,
        at=entry.at,
        act=what.act,
        actor_role=what.actor_role,
        actor_id=what.actor_id,
        actor_name=entry.name,
        target_kind=what.target_kind,
        target_id=what.target_id,
        target_account_id=what.target_account_id,
        reason=entry.reason,
        details=json.loads(what.details),
        hash=entry.hash.hex(),
    )
