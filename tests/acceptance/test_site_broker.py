"""A worker outlives its broker with one edit under way and a hand free: what a newer Celery must pass to be taken."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from typing import Any, NamedTuple

import pytest

from support.clips import Clip, draw
from support.edits import check_edit
from support.site import Person, Site, in_the_middle, running_alone

pytestmark = pytest.mark.slow  # a site of its own, whose worker waits two seconds before it looks for its broker again

CELERY = tuple(int(part) for part in version("celery").split(".")[:2])
SOON = 10  # seconds in which a free hand takes what waits: two until the worker is back, three until it is sent again


class Told(NamedTuple):
    """What came of it."""

    site: Site
    before: list[int]  # the worker's main process and its children
    tries: list[int]  # how often each job was begun: the one under way, and the one that came next
    videos: list[dict[str, Any]]  # theirs, once both jobs were over
    at_once: bool  # whether the next was done while the first was still under way


@contextmanager
def held_still(pids: list[int]) -> Iterator[None]:
    """Make an edit last; its worker lives on beside it."""
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):  # its worker broke it off; what is asserted says so
                os.kill(pid, signal.SIGCONT)


def is_done_soon(player: Person, made: dict[str, Any]) -> bool:
    """Give a job a moment."""
    deadline = time.monotonic() + SOON
    while time.monotonic() < deadline:
        if player.client.get(f"/api/jobs/{made['task_id']}").json()["state"] == "done":
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    """Kill the broker of a worker with two hands, one of them busy, and let both jobs end."""
    with running_alone(ANB_WORKER_PROCESSES="2") as site:
        player = site.player()
        first = in_the_middle(site, player)
        before = site.workers()
        with held_still(site.part("ffmpeg")):
            (broker,) = site.part("valkey-server")
            os.kill(broker, signal.SIGKILL)
            following = player.upload(draw(Clip(seconds=2)))
            at_once = is_done_soon(player, following)
        jobs = [player.wait(made["task_id"], "done") for made in (first, following)]
        videos = [player.client.get(f"/api/videos/{job['video_id']}").json() for job in jobs]
        yield Told(site, before, [job["attempt"] for job in jobs], videos, at_once)


class TestBroker:
    def test_the_workers_main_process_and_its_children_live_on(self, told: Told) -> None:
        assert len(told.before) == 1 + 2
        assert told.site.workers() == told.before

    def test_the_edit_under_way_and_the_next_are_made_at_their_first_try(self, told: Told) -> None:
        assert told.tries == [1, 1]
        for video in told.videos:
            assert video["status"] == "processed"
            check_edit(told.site.edit(video["video_id"]), clip_seconds=min(4.0, video["duration_seconds"]))

    # https://github.com/celery/celery/pull/10346: over a new connection the pool takes its busy process for a free one.
    @pytest.mark.xfail(CELERY < (5, 7), reason="Celery before 5.7 gives it to the busy hand", strict=False)
    def test_the_free_hand_takes_the_next_job_at_once(self, told: Told) -> None:
        assert told.at_once
