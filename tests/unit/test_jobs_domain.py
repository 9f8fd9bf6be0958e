"""How long a job waits before its next try."""

from datetime import UTC, datetime
from uuid import uuid4

from anb.jobs.domain import Job, JobState, Line, Outlook, outlook, retry_delay


def test_each_try_waits_longer_up_to_five_minutes() -> None:
    assert [retry_delay(n) for n in (1, 2, 3, 4, 5)] == [2, 8, 32, 128, 300]


def job(state: JobState, progress: int = 0) -> Job:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Job(uuid4(), uuid4(), uuid4(), state, 1, progress, now, now, None, {})


class TestOutlook:
    def test_a_job_that_moves_goes_by_its_own_progress(self) -> None:
        seen = outlook(job(JobState.RUNNING, 25), Line(ahead=0, working=1, pace=99, elapsed=10))
        assert seen == Outlook(place=None, seconds_left=30)

    def test_one_that_has_just_begun_goes_by_the_others(self) -> None:
        assert outlook(job(JobState.RUNNING), Line(0, 1, pace=20, elapsed=5)).seconds_left == 15
        assert outlook(job(JobState.RUNNING), Line(0, 1, pace=20, elapsed=50)).seconds_left == 0
        assert outlook(job(JobState.RUNNING), Line(0, 1, pace=None, elapsed=5)).seconds_left is None

    def test_one_in_line_waits_for_those_ahead(self) -> None:
        assert outlook(job(JobState.QUEUED), Line(ahead=3, working=1, pace=10, elapsed=0)) == Outlook(4, 50)
        assert outlook(job(JobState.QUEUED), Line(ahead=0, working=0, pace=10, elapsed=0)) == Outlook(1, 10)
        assert outlook(job(JobState.QUEUED), Line(ahead=2, working=2, pace=10, elapsed=0)) == Outlook(3, 30)
        assert outlook(job(JobState.QUEUED), Line(ahead=0, working=1, pace=None, elapsed=0)) == Outlook(1, None)

    def test_what_is_over_has_none(self) -> None:
        assert outlook(job(JobState.DONE), Line(0, 0, 10, 10)) == Outlook(None, None)
