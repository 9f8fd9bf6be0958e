"""Videos per minute of one machine, and whether the queue stays short if clips arrive nearly as fast."""

import os
import tempfile
import time
from pathlib import Path
from statistics import linear_regression
from uuid import UUID

from verify.bench import edits, sample_clips
from verify.bench.bench_platform import WHOLE, Rig, platform
from verify.bench.jobs import FinishedJob, follow
from verify.bench.raw_client import Form, upload
from verify.kit.figures import Figure, Goal, Limit

PROCESSES = (1, 2, 4)
CLIPS = 8
LEISURE = 0.9  # of the best rate, at which the clips arrive


def measure(repeats: int) -> list[Figure]:
    """Let one, two and four processes work through a queue of clips, then feed the best of them steadily."""
    del repeats  # each is a long run of many clips already
    form = Form(sample_clips.PHONE.path)
    pace = {processes: _worked_off(form, processes) for processes in PROCESSES}
    best = max(pace, key=lambda processes: pace[processes])
    plain = (os.cpu_count() or 1) * 60 / _plain(form.clip)
    throughput = Figure(
        suite="crowd",
        name=f"videos/min, {sample_clips.PHONE.name}, best of {'/'.join(map(str, PROCESSES))} processes",
        unit="videos/min",
        samples=(pace[best],),
        limit=Limit("cores x 60 / CPU seconds of the plain commands", (plain,)),
        goal=Goal("at least", 0.9, "ratio"),
        note=", ".join(f"{processes} processes {pace[processes]:.2f}" for processes in PROCESSES),
    )
    trend = Figure(
        suite="crowd",
        name=f"growth of the wait from clip to clip, at {LEISURE:.0%} of that pace",
        unit="s",
        samples=(_growth(form, best, pace[best] * LEISURE),),
        goal=Goal("at most", 0.5, "value"),
        note=f"{CLIPS} clips, {best} processes; 0 is a queue that does not grow",
    )
    return [throughput, trend]


def _worked_off(form: Form, processes: int) -> float:
    """Return the videos per minute of a number of processes that always have work."""
    with platform(WHOLE, ANB_WORKER_PROCESSES=str(processes)) as rig:
        jobs = _followed(rig, [_sent(rig, form) for _ in range(CLIPS)])
    begun = min(job.started_at for job in jobs)
    return CLIPS * 60 / (max(job.finished_at for job in jobs) - begun).total_seconds()


def _growth(form: Form, processes: int, pace: float) -> float:
    """Return by how many seconds each clip waits longer than the one before, at a given rate."""
    with platform(WHOLE, ANB_WORKER_PROCESSES=str(processes)) as rig:
        tasks: list[UUID] = []
        begun = time.monotonic()
        for number in range(CLIPS):
            time.sleep(max(0.0, begun + number * 60 / pace - time.monotonic()))
            tasks.append(_sent(rig, form))
        jobs = _followed(rig, tasks)
    waits = [(job.started_at - job.created_at).total_seconds() for job in jobs]
    return linear_regression(range(CLIPS), waits).slope


def _sent(rig: Rig, form: Form) -> UUID:
    """Upload the clip as a new player."""
    return UUID(upload(rig.port, "/api/videos/upload", form, rig.token())["task_id"])


def _followed(rig: Rig, tasks: list[UUID]) -> list[FinishedJob]:
    return [follow(rig, task) for task in tasks]


def _plain(clip: Path) -> float:
    clip_recipe = edits.written(clip)
    with tempfile.TemporaryDirectory(prefix="anb-bench-") as folder:
        edits.lay_bumpers(clip_recipe, Path(folder))
        return edits.everything(clip_recipe, clip, Path(folder)).cpu
