"""The messages of a stream, as a browser reads them."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest

from anb.jobs.domain import JobState, JobStatus
from anb.streams import events

JOB = UUID(int=7)


def status(state: JobState, progress: int = 0, next_try_at: datetime | None = None) -> JobStatus:
    return JobStatus(JOB, UUID(int=1), state, progress, 0, 0, next_try_at)


@dataclass
class Read:
    """What a browser makes of it."""

    name: str
    data: str


def read(raw: bytes) -> list[Read]:
    found = []
    for block in raw.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if "event" in fields:
            found.append(Read(fields["event"], fields["data"]))
    return found


def test_a_job_under_way_says_state_and_progress_and_goes_on() -> None:
    event = events.of_job(status(JobState.RUNNING, 45))
    (said,) = read(event.encode())
    assert (said.name, json.loads(said.data)["state"], json.loads(said.data)["progress"]) == ("job", "running", 45)
    assert not event.is_last


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.DEAD, JobState.CANCELLED, JobState.HELD])
def test_the_end_is_an_event_of_its_own(state: JobState) -> None:
    said = read(events.of_job(status(state)).encode())
    assert [one.name for one in said] == ["job", "end"]


def test_a_dead_letter_has_failed_as_far_as_its_player_is_concerned() -> None:
    assert json.loads(events.of_job(status(JobState.DEAD)).data)["state"] == "failed"


def test_the_id_changes_with_whatever_is_said() -> None:
    known = {events.of_job(status(JobState.RUNNING, progress)).id for progress in range(3)}
    assert len(known) == 3


def test_a_time_is_written_as_everywhere_else() -> None:
    event = events.of_job(status(JobState.QUEUED, next_try_at=datetime(2026, 11, 28, 12, tzinfo=UTC)))
    assert json.loads(event.data)["next_try_at"] == "2026-11-28T12:00:00Z"


def test_those_who_were_cut_do_not_come_back_together() -> None:
    waits = {events.opening() for _ in range(50)}
    assert len(waits) > 10
    for wait in waits:
        assert events.RETRY_LEAST <= int(wait.split(b":")[1]) <= events.RETRY_MOST
