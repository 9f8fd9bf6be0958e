"""What a process read within the last second."""

from anb.db import recent
from anb.db.recent import RecentReads


class Time:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_kept_for_a_second() -> None:
    clock = Time()
    reads = RecentReads(clock)
    assert reads.find("a") is None
    assert reads.read("a", lambda: 1) == 1
    clock.now = 0.99
    assert reads.find("a") == 1
    clock.now = 1.0
    assert reads.find("a") is None


def test_what_is_not_there_is_asked_again() -> None:
    reads = RecentReads(Time())
    assert reads.read("a", lambda: None) is None
    assert reads.read("a", lambda: 2) == 2


def test_only_what_changed_is_forgotten() -> None:
    reads = RecentReads(Time())
    reads.read("a", lambda: 1)
    reads.read("b", lambda: 2)
    reads.forget(lambda value: value == 1)
    assert (reads.find("a"), reads.find("b")) == (None, 2)


def test_what_was_read_before_it_was_forgotten_is_not_kept_after() -> None:
    reads = RecentReads(Time())

    def read() -> int:
        reads.forget(lambda _: True)  # by another thread, meanwhile
        return 1

    assert reads.read("a", read) == 1
    assert reads.find("a") is None


def test_old_answers_and_too_many_are_dropped() -> None:
    clock = Time()
    reads = RecentReads(clock)
    reads.read("old", lambda: 0)
    clock.now = 2.0
    for number in range(recent.MOST + 1):
        reads.read(number, lambda: 1)
    assert len(reads._kept) == recent.MOST
    assert (reads.find(0), reads.find(1)) == (None, 1)
