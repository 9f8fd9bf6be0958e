"""The queue: which job comes next, by a stated rule (docs/decisions/0015), and when a queued job will start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from anb.jobs.domain import Job, JobState, Lane, Outlook

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Waiting:
    """The due jobs of one lane."""

    total: int = 0
    before: int = 0  # those that come before the job in question
    begun_at: datetime | None = None  # when a job of this lane was last claimed


@dataclass(frozen=True)
class QueueView:
    """The queue as seen from one of its jobs."""

    lanes: Mapping[Lane, Waiting]
    working: int  # running jobs
    pace: float | None  # recent average of seconds per job; None before the first was done
    elapsed: float  # seconds since this job's latest attempt began


def rotation(lanes: Mapping[Lane, Waiting]) -> list[Lane]:
    """Return the lanes in the order in which they come next: the one that was served longest ago is first."""
    return sorted(Lane, key=lambda lane: lanes.get(lane, Waiting()).begun_at or _NEVER)


def ahead(lane: Lane, lanes: Mapping[Lane, Waiting]) -> int:
    """Count the jobs that begin before one of `lane`: those of its own lane, and those that other lanes alternate."""
    order = rotation(lanes)
    mine = lanes.get(lane, Waiting()).before
    total = mine
    for other in set(order) - {lane}:
        turns = mine + (order.index(other) < order.index(lane))
        total += min(lanes.get(other, Waiting()).total, turns)
    return total


def outlook(job: Job, line: QueueView) -> Outlook:
    """Estimate how long a job still takes: by its own progress while it runs, else by the pace of recent jobs."""
    if job.state is JobState.RUNNING:
        if job.progress > 0:
            return Outlook(None, line.elapsed * (100 - job.progress) / job.progress)
        return Outlook(None, None if line.pace is None else max(line.pace - line.elapsed, 0.0))
    if job.state is JobState.QUEUED and job.next_try_at is None:
        # Assume that as many jobs run at once as run now; an idle worker takes the first in the queue.
        before = ahead(job.lane, line.lanes)
        rounds = (before + line.working) / max(line.working, 1) + 1
        return Outlook(before + 1, None if line.pace is None else line.pace * rounds)
    return Outlook(None, None)
