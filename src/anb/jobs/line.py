"""The line: who comes next, by a stated rule (docs/decisions/0015), and what somebody in it is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from anb.jobs.domain import Job, JobState, Lane, Outlook

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Waiting:
    """The due jobs of one lane."""

    total: int = 0
    before: int = 0  # those whose turn is before that of the job we ask about
    begun_at: datetime | None = None  # when the lane last had its turn


@dataclass(frozen=True)
class Line:
    """What somebody in line sees of it."""

    lanes: Mapping[Lane, Waiting]
    working: int  # jobs under way
    pace: float | None  # seconds a job takes, as of late; None before the first was done
    elapsed: float  # seconds since this job's latest try began


def rotation(lanes: Mapping[Lane, Waiting]) -> list[Lane]:
    """Return the lanes in the order in which they come next: the one that had its turn longest ago is first."""
    return sorted(Lane, key=lambda lane: lanes.get(lane, Waiting()).begun_at or _NEVER)


def ahead(lane: Lane, lanes: Mapping[Lane, Waiting]) -> int:
    """Count the jobs that begin before one of `lane`: of its own lane, and as many of each other as have turns."""
    order = rotation(lanes)
    mine = lanes.get(lane, Waiting()).before
    total = mine
    for other in set(order) - {lane}:
        turns = mine + (order.index(other) < order.index(lane))
        total += min(lanes.get(other, Waiting()).total, turns)
    return total


def outlook(job: Job, line: Line) -> Outlook:
    """Estimate how long a job still takes: by its own progress once it moves, by the pace of the others before."""
    if job.state is JobState.RUNNING:
        if job.progress > 0:
            return Outlook(None, line.elapsed * (100 - job.progress) / job.progress)
        return Outlook(None, None if line.pace is None else max(line.pace - line.elapsed, 0.0))
    if job.state is JobState.QUEUED and job.next_try_at is None:
        # As many are done at once as are under way now; an idle worker takes the first in line.
        before = ahead(job.lane, line.lanes)
        rounds = (before + line.working) / max(line.working, 1) + 1
        return Outlook(before + 1, None if line.pace is None else line.pace * rounds)
    return Outlook(None, None)
