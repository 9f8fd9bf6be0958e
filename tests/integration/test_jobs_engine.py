"""The job engine on real PostgreSQL: which worker holds a job, for how long, and what happens to lost jobs."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from anb.accounts.domain import Actor
from anb.jobs import service as jobs
from anb.jobs import store
from anb.jobs.domain import Claim, Job, JobNotFound, JobState, Lane, NotYourJob, Spacing
from anb.jobs.heartbeat import heartbeat
from anb.videos import processing
from anb.videos import service as videos
from anb.videos.domain import Status
from support.publishing import begin, publish
from support.waiting import until
from support.worlds import AcceptedClip, World


def claim(world: World, task_id: UUID, worker: str = "one") -> Claim | None:
    return begin(world, task_id, worker)


def seen(world: World, task_id: UUID) -> Job:
    with world.uow() as uow:
        return jobs.follow(uow, task_id, uuid4(), organizer=True)


def status(world: World, upload: AcceptedClip) -> Status:
    with world.uow() as uow:
        owner = seen(world, upload.task_id).owner_id
        return videos.show(uow, upload.video_id, Actor(owner)).status


def lease_left(world: World) -> float:
    """Return for how many seconds the only running job is still its worker's."""
    with world.uow() as uow:
        left = text("select extract(epoch from lease_expires_at - clock_timestamp()) from jobs where state = 'running'")
        return float(uow.execute(left).scalar_one())


def reconcile(world: World) -> None:
    processing.reconcile(world.database, world.ports, world.settings)


@pytest.fixture
def upload(world: World) -> AcceptedClip:
    return world.player().upload()


class TestQueue:
    def test_a_job_leaves_only_once_the_video_is_saved(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        world.queue.sent.clear()
        with pytest.raises(IntegrityError), world.uow() as uow:
            jobs.queue(
                uow, world.ports, upload.video_id, uuid4(), Lane.LIGHT, Spacing(1)
            )  # of an unknown account: the database refuses it
        assert world.queue.sent == []
        with world.uow() as uow:
            job_id = jobs.queue(uow, world.ports, upload.video_id, player.id, Lane.LIGHT, Spacing(1))
            assert world.queue.sent == []
        assert world.queue.sent == [job_id]

    def test_a_broker_that_is_down_costs_time_and_nothing_else(self, world: World) -> None:
        world.queue.down = True
        upload = world.player().upload()
        assert seen(world, upload.task_id).state is JobState.QUEUED
        world.queue.down = False
        world.age(world.settings.resend_seconds)
        reconcile(world)
        assert world.queue.sent == [upload.task_id]


class TestClaim:
    def test_of_twenty_at_once_one_gets_it(self, world: World, upload: AcceptedClip) -> None:
        with ThreadPoolExecutor(8) as pool:
            claims = list(pool.map(lambda n: claim(world, upload.task_id, str(n)), range(20)))
        assert len([one for one in claims if one]) == 1
        assert status(world, upload) is Status.PROCESSING

    def test_a_finished_job_is_nobodys_to_take(self, world: World, upload: AcceptedClip) -> None:
        held = claim(world, upload.task_id)
        assert held is not None
        with world.uow() as uow:
            assert jobs.finish(uow, held, {"encode": 1.0})
        assert claim(world, upload.task_id) is None

    def test_an_unknown_job_is_nobodys_to_take(self, world: World) -> None:
        assert claim(world, uuid4()) is None


class TestLease:
    def test_a_heartbeat_keeps_it_and_writes_the_progress(self, world: World, upload: AcceptedClip) -> None:
        world.change(lease_seconds=60.0)
        held = claim(world, upload.task_id)
        assert held is not None
        with heartbeat(world.database, world.settings, held) as state:
            state.progress = 42
            for _ in range(2):
                world.age(world.settings.lease_seconds - 1)
                until(lambda: lease_left(world) > world.settings.lease_seconds - 1)
            reconcile(world)
            assert not state.lost
        assert (seen(world, upload.task_id).state, seen(world, upload.task_id).progress) == (JobState.RUNNING, 42)

    def test_a_silent_workers_job_is_queued_again_and_sent(self, world: World, upload: AcceptedClip) -> None:
        claim(world, upload.task_id)
        world.queue.sent.clear()
        world.age(world.settings.lease_seconds + 0.1)
        reconcile(world)
        assert world.queue.sent == [upload.task_id]
        assert (seen(world, upload.task_id).state, status(world, upload)) == (JobState.QUEUED, Status.UPLOADED)

    def test_a_worker_back_from_the_dead_changes_nothing(self, world: World, upload: AcceptedClip) -> None:
        zombie = claim(world, upload.task_id)
        assert zombie is not None
        world.age(world.settings.lease_seconds + 0.1)
        reconcile(world)
        second = claim(world, upload.task_id, "two")
        assert second is not None
        assert second.attempt == 2
        with world.uow() as uow:
            assert not jobs.beat(uow, world.settings, zombie, 99)
            assert not jobs.finish(uow, zombie, {})
            assert not jobs.fail(uow, zombie, "no")
            assert not jobs.hand_over(uow, world.ports, zombie)
            processing.retry_or_discard(uow, world.settings, zombie, "too late")
        assert seen(world, upload.task_id).state is JobState.RUNNING

    def test_a_job_that_kills_its_worker_every_time_is_dead_in_the_end(
        self, world: World, upload: AcceptedClip
    ) -> None:
        for _ in range(world.settings.job_deaths):
            assert claim(world, upload.task_id) is not None
            world.age(world.settings.lease_seconds + 0.1)
            reconcile(world)
        assert seen(world, upload.task_id).state is JobState.DEAD
        assert status(world, upload) is Status.FAILED

    def test_a_heartbeat_tells_the_work_when_the_claim_is_lost(self, world: World, upload: AcceptedClip) -> None:
        held = claim(world, upload.task_id)
        assert held is not None
        with heartbeat(world.database, world.settings, held) as state:
            with world.uow() as uow:
                jobs.cancel_of(uow, upload.video_id, "a test")
            until(lambda: state.lost)


class TestGivingBack:
    def test_a_stopped_workers_job_is_sent_at_once_and_the_try_not_counted(
        self, world: World, upload: AcceptedClip
    ) -> None:
        held = claim(world, upload.task_id)
        assert held is not None
        world.queue.sent.clear()
        with world.uow() as uow:
            processing.hand_over(uow, world.ports, held)
        assert world.queue.sent == [upload.task_id]
        assert (seen(world, upload.task_id).tries, status(world, upload)) == (0, Status.UPLOADED)

    def test_a_fault_of_ours_is_tried_again_later(self, world: World, upload: AcceptedClip) -> None:
        held = claim(world, upload.task_id)
        assert held is not None
        with world.uow() as uow:
            processing.retry_or_discard(uow, world.settings, held, "the disk was full")
        assert seen(world, upload.task_id).state is JobState.QUEUED
        assert claim(world, upload.task_id) is None  # not due yet

    def test_a_fault_of_ours_ends_it_after_the_last_try(self, world: World, upload: AcceptedClip) -> None:
        for _ in range(world.settings.job_attempts):
            with world.uow() as uow:
                uow.execute(text("update jobs set available_at = now() - interval '1 second'"))
            held = claim(world, upload.task_id)
            assert held is not None
            with world.uow() as uow:
                processing.retry_or_discard(uow, world.settings, held, "the disk was full")
        assert (seen(world, upload.task_id).state, status(world, upload)) == (JobState.DEAD, Status.FAILED)


class TestDone:
    def test_its_owner_reads_how_long_each_step_took(self, world: World) -> None:
        player = world.player()
        upload = player.upload()
        publish(world, upload)
        done = world.client.get(f"/api/jobs/{upload.task_id}", headers=player.headers).json()
        assert (done["state"], done["progress"], done["timings"]) == ("done", 100, {"encode": 1.0})


class TestReconciler:
    def test_only_one_works_at_a_time(self, world: World, upload: AcceptedClip) -> None:
        claim(world, upload.task_id)
        world.age(world.settings.lease_seconds + 0.1)
        with world.uow() as first:
            assert store.elect(first)
            reconcile(world)
            assert seen(world, upload.task_id).state is JobState.RUNNING

    def test_what_the_queue_still_has_is_not_sent_again(self, world: World, upload: AcceptedClip) -> None:
        world.age(world.settings.resend_seconds + 0.1)
        reconcile(world)
        assert world.queue.sent == [upload.task_id]

    def test_what_the_queue_lost_is_sent_again_once(self, world: World, upload: AcceptedClip) -> None:
        world.queue.sent.clear()
        world.age(world.settings.resend_seconds + 0.1)
        reconcile(world)
        reconcile(world)
        assert world.queue.sent == [upload.task_id]

    def test_what_another_reconciler_sends_again_is_left_to_it(self, world: World, upload: AcceptedClip) -> None:
        world.queue.sent.clear()
        world.age(world.settings.resend_seconds + 0.1)
        with world.uow() as other, ThreadPoolExecutor(1) as pool:
            assert store.elect(other)
            pool.submit(reconcile, world).result()
            assert world.queue.sent == []
        reconcile(world)
        assert world.queue.sent == [upload.task_id]

    def test_a_broker_that_is_down_does_not_keep_leases_from_ending(self, world: World, upload: AcceptedClip) -> None:
        claim(world, upload.task_id)
        world.queue.down = True
        world.age(world.settings.lease_seconds + world.settings.resend_seconds)
        reconcile(world)
        world.age(world.settings.resend_seconds + 0.1)
        reconcile(world)
        assert seen(world, upload.task_id).state is JobState.QUEUED


class TestFollow:
    def test_somebody_elses_job_is_403_and_none_is_404(self, world: World, upload: AcceptedClip) -> None:
        with world.uow() as uow:
            with pytest.raises(NotYourJob):
                jobs.follow(uow, upload.task_id, uuid4(), organizer=False)
            with pytest.raises(JobNotFound):
                jobs.follow(uow, uuid4(), uuid4(), organizer=False)
