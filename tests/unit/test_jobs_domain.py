"""How long a job waits before its next attempt, and what a player with a waiting clip is told."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from anb.jobs.domain import Job, JobState, Lane, Outlook, retry_delay
from anb.jobs.queue_position import QueueView, Waiting, ahead, outlook

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class TestRetryDelay:
    def test_each_waits_longer_up_to_five_minutes(self) -> None:
        assert [retry_delay(n, 1) for n in (1, 2, 3, 4, 5)] == [5, 30, 180, 300, 300]

    def test_half_of_it_is_left_to_chance(self) -> None:
        assert [retry_delay(2, chance) for chance in (0, 0.5, 1)] == [15, 22.5, 30]


def job(state: JobState, progress: int = 0, next_try_at: datetime | None = None, lane: Lane = Lane.LIGHT) -> Job:
    return Job(uuid4(), uuid4(), uuid4(), state, 1, 0, 0, lane, progress, NOW, NOW, None, next_try_at, {})


def line(before: int = 0, working: int = 1, pace: float | None = 10, elapsed: float = 0) -> QueueView:
    return QueueView({Lane.LIGHT: Waiting(before + 1, before)}, working, pace, elapsed)


class TestTries:
    def test_one_under_way_counts_and_one_in_line_does_not(self) -> None:
        assert [job(state).tries for state in JobState] == [0, 1, 1, 1, 0, 0, 0]


class TestAhead:
    def test_those_of_its_own_lane_that_have_their_turn_before(self) -> None:
        assert ahead(Lane.LIGHT, {Lane.LIGHT: Waiting(total=9, before=4)}) == 4

    def test_lanes_take_turns_and_the_one_that_waited_longest_is_next(self) -> None:
        early, late = NOW, NOW + timedelta(seconds=1)
        light = Waiting(total=3, before=2, begun_at=late)
        assert ahead(Lane.LIGHT, {Lane.LIGHT: light, Lane.HEAVY: Waiting(total=50, begun_at=early)}) == 5
        light = Waiting(total=3, before=2, begun_at=early)
        assert ahead(Lane.LIGHT, {Lane.LIGHT: light, Lane.HEAVY: Waiting(total=50, begun_at=late)}) == 4

    def test_a_lane_with_few_gives_its_turns_away(self) -> None:
        light = Waiting(total=30, before=20, begun_at=NOW)
        assert ahead(Lane.LIGHT, {Lane.LIGHT: light, Lane.HEAVY: Waiting(total=2)}) == 22

    def test_first_of_a_lane_nobody_waits_in(self) -> None:
        assert ahead(Lane.REEDIT, {}) == 0


class TestOutlook:
    def test_a_job_that_moves_goes_by_its_own_progress(self) -> None:
        seen = outlook(job(JobState.RUNNING, 25), line(pace=99, elapsed=10))
        assert seen == Outlook(place=None, seconds_left=30)

    def test_one_that_has_just_begun_goes_by_the_others(self) -> None:
        assert outlook(job(JobState.RUNNING), line(pace=20, elapsed=5)).seconds_left == 15
        assert outlook(job(JobState.RUNNING), line(pace=20, elapsed=50)).seconds_left == 0
        assert outlook(job(JobState.RUNNING), line(pace=None, elapsed=5)).seconds_left is None

    def test_one_in_line_waits_for_those_ahead(self) -> None:
        assert outlook(job(JobState.QUEUED), line(before=3)) == Outlook(4, 50)
        assert outlook(job(JobState.QUEUED), line(working=0)) == Outlook(1, 10)
        assert outlook(job(JobState.QUEUED), line(before=2, working=2)) == Outlook(3, 30)
        assert outlook(job(JobState.QUEUED), line(pace=None)) == Outlook(1, None)

    def test_one_that_waits_for_its_next_try_is_not_in_line(self) -> None:
        assert outlook(job(JobState.QUEUED, next_try_at=NOW), line(before=3)) == Outlook(None, None)

    def test_what_is_over_has_none(self) -> None:
        assert outlook(job(JobState.DONE), line()) == Outlook(None, None)
