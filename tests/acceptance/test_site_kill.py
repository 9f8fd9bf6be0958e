"""A job whose worker or queue dies during the encode is resumed: lease, heartbeat and reconciler at work."""

import os
import signal
from pathlib import Path

import pytest

from support.clips import Clip, draw
from support.edits import check_edit
from support.site import Person, Site, in_the_middle, running_alone
from support.waiting import until

pytestmark = pytest.mark.slow  # a site of its own, with leases that expire; `make chaos` does this to every part


@pytest.fixture(scope="module")
def alone() -> object:
    """A site of this module's own, because its tests kill jobs."""
    with running_alone() as site:
        yield site


def kill(pids: list[int]) -> None:
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


class TestKill:
    def test_the_workers_child(self, alone: Site) -> None:
        player = alone.player()
        made = in_the_middle(alone, player)
        main, child = alone.workers()
        kill([child])
        self._ends_well(alone, player, made)
        assert main in alone.workers()

    def test_the_workers_main_process_and_child_together(self, alone: Site) -> None:
        player = alone.player()
        made = in_the_middle(alone, player)
        kill(alone.workers())
        self._ends_well(alone, player, made)

    def test_ffmpeg_does_not_outlive_the_child(self, alone: Site) -> None:
        player = alone.player()
        made = in_the_middle(alone, player)
        encoders = alone.part("ffmpeg")
        kill(alone.workers())
        until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in encoders), 3)
        self._ends_well(alone, player, made)

    def test_everything_the_queue_held_is_lost(self, alone: Site) -> None:
        player = alone.player()
        first = in_the_middle(alone, player)
        second = player.upload(draw(Clip(seconds=2)))
        alone.flush_queue()
        self._ends_well(alone, player, first)
        self._ends_well(alone, player, second)

    def test_the_queue_dies_and_comes_back(self, alone: Site) -> None:
        player = alone.player()
        kill(alone.part("valkey-server"))
        made = player.upload(draw(Clip(seconds=2)))  # received while the queue is down
        self._ends_well(alone, player, made)

    def test_a_worker_told_to_stop_gives_its_job_back_at_once(self, alone: Site) -> None:
        player = alone.player()
        made = in_the_middle(alone, player)
        os.kill(alone.workers()[0], signal.SIGTERM)
        job = player.wait(made["task_id"], "done")
        assert job["attempt"] == 1  # the attempt that was handed over does not count
        check_edit(alone.edit(made["video_id"]), clip_seconds=4.0)

    @staticmethod
    def _ends_well(site: Site, player: Person, made: dict[str, str]) -> None:
        player.wait(made["task_id"], "done")
        video = player.client.get(f"/api/videos/{made['video_id']}").json()
        assert video["status"] == "processed"
        check_edit(site.edit(made["video_id"]), clip_seconds=min(4.0, video["duration_seconds"]))
