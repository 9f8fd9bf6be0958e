"""The whole job, from registration to `processed`, compared with the same FFmpeg commands alone."""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from anb.adapters.media.encoder import find_ffmpeg
from anb.media import edit
from verify.bench import clips
from verify.bench.bench_platform import WHOLE, Rig, platform
from verify.bench.jobs import FinishedJob, follow
from verify.bench.raw_client import Form, upload
from verify.kit.figures import Figure, Goal, Limit, turns

SECONDS = 40  # of the clip; the edit uses thirty of them
GOAL = Goal("at most", 1.10, "ratio")


def measure(repeats: int) -> list[Figure]:
    """Make the same edit with the platform and with FFmpeg in turns."""
    form = Form(clips.ordinary(SECONDS))
    jobs: list[FinishedJob] = []
    alone: list[float] = []
    with platform(WHOLE) as rig:
        _alone(rig, form.clip)  # warms the caches
        for _, mine in turns(repeats):
            if mine:
                task = upload(rig.port, "/api/videos/upload", form, rig.token())["task_id"]
                jobs.append(follow(rig, UUID(task)))
            else:
                alone.append(_alone(rig, form.clip))
    whole = tuple((job.finished_at - job.created_at).total_seconds() for job in jobs)
    limit = Limit("the same FFmpeg command alone", tuple(alone))
    last = ", ".join(f"{step} {seconds:.2f} s" for step, seconds in jobs[-1].timings.items())
    note = f"1080p clip of {SECONDS} s; steps of the last: {last}"
    return [Figure("job", "the whole job, registered → processed", "s", whole, limit, GOAL, note=note)]


class BareEncoder:
    """An encoder that runs the commands of an edit without the platform, and measures their time."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def run(self, arguments: Sequence[str], **_: object) -> None:
        """Run FFmpeg. Raises CalledProcessError."""
        begun = time.perf_counter()
        subprocess.run([find_ffmpeg(), "-v", "error", *arguments], check=True)
        self.seconds += time.perf_counter() - begun


def _alone(rig: Rig, clip: Path) -> float:
    """Return FFmpeg's seconds for the edit, without probes and checks."""
    bare = BareEncoder()
    with edit.edit(replace(rig.ports, encoder=bare), rig.settings, clip, lambda _: True):
        return bare.seconds
