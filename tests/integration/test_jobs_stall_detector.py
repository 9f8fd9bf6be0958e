"""A worker that stopped taking jobs is noticed; one that is busy, drained, idle or cut off is left alone."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from anb.jobs import service as jobs
from anb.jobs.stall_detector import LOOKS, StallDetector, WorkerStats
from support.worlds import AcceptedClip, World


class WorkerReport:
    """A worker's report about itself."""

    def __init__(self) -> None:
        self.stats = WorkerStats(busy=0, taken=3)


@pytest.fixture
def worker() -> WorkerReport:
    return WorkerReport()


@pytest.fixture
def upload(world: World) -> AcceptedClip:
    """A job that has waited for a minute, and its message."""
    upload = world.player().upload()
    with world.uow() as uow:
        uow.execute(text("update jobs set available_at = now() - interval '1 minute'"))
    return upload


@pytest.fixture
def watch(world: World, worker: WorkerReport) -> StallDetector:
    return StallDetector(world.database, world.queue, world.settings, lambda: worker.stats)


def stalled(watch: StallDetector, looks: int = LOOKS + 1) -> bool:
    return any([watch.is_stalled() for _ in range(looks)])  # noqa: C419 - each look counts


@pytest.mark.usefixtures("upload")
class TestWatch:
    def test_a_free_worker_that_leaves_an_old_job_waiting_is_stalled(self, watch: StallDetector) -> None:
        assert not stalled(watch, LOOKS - 1)
        assert watch.is_stalled()

    def test_looks_are_as_many_as_fit_into_the_seconds(self, world: World, watch: StallDetector) -> None:
        assert watch.pause * LOOKS == pytest.approx(world.settings.stall_seconds)

    def test_a_busy_one_is_not(self, watch: StallDetector, worker: WorkerReport) -> None:
        worker.stats = WorkerStats(busy=1, taken=4)
        assert not stalled(watch)

    def test_one_that_takes_messages_is_not(self, watch: StallDetector, worker: WorkerReport) -> None:
        for taken in range(3 * LOOKS):
            worker.stats = WorkerStats(busy=0, taken=taken)
            assert not watch.is_stalled()

    def test_a_queue_without_messages_says_nothing_of_the_worker(self, world: World, watch: StallDetector) -> None:
        world.queue.sent.clear()
        assert not stalled(watch)

    def test_a_queue_that_is_down_says_nothing_either(self, world: World, watch: StallDetector) -> None:
        world.queue.down = True
        assert not stalled(watch)

    def test_a_drained_line_stands_on_purpose(self, world: World, watch: StallDetector) -> None:
        with world.uow() as uow:
            jobs.drain(uow, "a test")
        assert not stalled(watch)

    def test_a_job_that_is_due_later_waits_on_purpose(self, world: World, watch: StallDetector) -> None:
        with world.uow() as uow:
            uow.execute(text("update jobs set available_at = now() + interval '1 minute'"))
        assert not stalled(watch)

    def test_one_look_that_finds_all_well_begins_anew(self, world: World, watch: StallDetector) -> None:
        assert not stalled(watch, LOOKS - 1)
        sent, world.queue.sent = world.queue.sent, []
        assert not watch.is_stalled()
        world.queue.sent = sent
        assert not stalled(watch, LOOKS - 1)


def test_messages_that_no_job_waits_for_are_no_stall(world: World, watch: StallDetector) -> None:
    world.queue.sent.append(uuid4())
    assert not stalled(watch)
