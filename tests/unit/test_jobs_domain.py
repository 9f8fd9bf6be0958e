"""How long a job waits before its next try."""

from anb.jobs.domain import retry_delay


def test_each_try_waits_longer_up_to_five_minutes() -> None:
    assert [retry_delay(n) for n in (1, 2, 3, 4, 5)] == [2, 8, 32, 128, 300]
