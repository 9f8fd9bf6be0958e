"""What a worker does when an edit fails: the cause decides the job's next state."""

from collections.abc import Callable
from typing import NoReturn
from uuid import uuid4

import pytest

from anb.accounts.domain import Actor
from anb.contest import tasks
from anb.errors import Outage
from anb.jobs import service as jobs
from anb.jobs.domain import Job, JobState
from anb.media.edit import UNREADABLE_TO_ITS_END, EditRejected
from anb.ports import Stopped
from anb.videos import service as videos
from anb.videos.domain import Video
from support.worlds import AcceptedClip, World


def seen(world: World, upload: AcceptedClip) -> tuple[Job, Video]:
    with world.uow() as uow:
        job = jobs.follow(uow, upload.task_id, uuid4(), organizer=True)
        return job, videos.show(uow, upload.video_id, Actor(job.owner_id))


@pytest.fixture
def upload(world: World) -> AcceptedClip:
    return world.player().upload()


@pytest.fixture
def end(world: World, upload: AcceptedClip, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Job, Video]]:
    """Run the job with an edit that ends in a given way."""

    def run(how: Exception, *, stopping: bool = False) -> tuple[Job, Video]:
        def edit(*_: object, **__: object) -> NoReturn:
            raise how

        monkeypatch.setattr("anb.media.edit.edit", edit)
        work = tasks.Work(world.settings, world.database, world.ports, "test", lambda: stopping)
        tasks.process_next(work, upload.task_id)
        return seen(world, upload)

    return run


def test_a_file_at_fault_fails_at_once_with_a_reason_for_the_player(end: Callable[..., tuple[Job, Video]]) -> None:
    job, video = end(EditRejected(UNREADABLE_TO_ITS_END, "frame 3"))
    assert (job.state, job.tries, video.status) == (JobState.FAILED, 1, "failed")
    assert video.reason is not None
    assert video.reason.sentence == UNREADABLE_TO_ITS_END


@pytest.mark.parametrize("fault", [Outage("the disk is full"), ZeroDivisionError("a bug of ours")])
def test_a_fault_of_ours_is_tried_again(end: Callable[..., tuple[Job, Video]], fault: Exception) -> None:
    job, video = end(fault)
    assert (job.state, job.tries, video.status, video.reason) == (JobState.QUEUED, 1, "uploaded", None)


def test_a_worker_told_to_stop_gives_the_job_back(world: World, end: Callable[..., tuple[Job, Video]]) -> None:
    world.queue.sent.clear()
    job, video = end(Stopped(), stopping=True)
    assert (job.state, job.tries, video.status) == (JobState.QUEUED, 0, "uploaded")
    assert world.queue.sent == [job.id]


def test_a_worker_whose_claim_is_lost_leaves_all_as_it_is(end: Callable[..., tuple[Job, Video]]) -> None:
    job, video = end(Stopped())
    assert (job.state, job.tries, video.status) == (JobState.RUNNING, 1, "processing")


def test_a_message_of_a_job_that_is_over_changes_nothing(
    world: World, upload: AcceptedClip, end: Callable[..., tuple[Job, Video]]
) -> None:
    before, _ = end(EditRejected(UNREADABLE_TO_ITS_END, "frame 3"))
    again, _ = end(Outage("never reached"))
    assert again == before
    assert world.queue.sent == [upload.task_id]
