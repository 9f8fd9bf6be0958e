"""Time from the commit of a job to the worker's start on an idle platform, compared with bare queue and database."""

import time
from collections.abc import Callable
from uuid import UUID

from anb.engines import valkey
from verify.bench import clips
from verify.bench.bench_platform import WHOLE, Rig, platform
from verify.bench.jobs import follow
from verify.bench.raw_client import Form, upload
from verify.kit.figures import Figure, Goal, Limit, percentile

JOBS = 40
PEERS = 200  # each takes less than a millisecond
LIMITS = {"ANB_CLIP_MIN_SECONDS": "1", "ANB_EDIT_CLIP_SECONDS": "1", "ANB_EDIT_BUMPER_SECONDS": "0.5"}
IDLE_SECONDS = 0.3  # between a job's end and the next upload
LIST = "anb.bench"
GOAL = Goal("at most", 150, "value")


def measure(repeats: int) -> list[Figure]:
    """Send short clips one after another, then measure the bare round trips."""
    form = Form(clips.ordinary(2))
    with platform(WHOLE, **LIMITS) as rig:
        waited = waits(rig, form, repeats)
        queue, database = _queue(rig), _database(rig)
    bare = Limit("a bare LPUSH → BRPOP, p95", (percentile(queue, 95),))
    note = f"median {percentile(waited, 50):.1f} ms; from created_at (its transaction's begin) to started_at"
    p95, select = percentile(waited, 95), percentile(database, 95)
    return [
        Figure("handoff", "commit → worker begins, p95", "ms", tuple(waited), bare, GOAL, at=p95, note=note),
        Figure("handoff", "a bare SELECT 1, p95", "ms", tuple(database), at=select),
    ]


def waits(rig: Rig, form: Form, repeats: int) -> list[float]:
    """Return the waits of several jobs in milliseconds, without the first."""
    return [_wait(rig, form) for _ in range(JOBS * max(1, repeats // 3) + 1)][1:]


def _wait(rig: Rig, form: Form) -> float:
    """Return a job's wait in milliseconds, by the database's clock."""
    token = rig.token()  # each account may send a file only once
    job = follow(rig, UUID(upload(rig.port, "/api/videos/upload", form, token)["task_id"]))
    time.sleep(IDLE_SECONDS)
    return (job.started_at - job.created_at).total_seconds() * 1000


def _queue(rig: Rig) -> list[float]:
    """Time only a message's way through Valkey."""
    with valkey.client(rig.plan.valkey.url()) as client:

        def trip() -> None:
            client.lpush(LIST, "x")
            client.brpop([LIST], timeout=1)

        return _timed(trip)


def _database(rig: Rig) -> list[float]:
    with rig.database() as database:
        return _timed(lambda: database.execute("SELECT 1").fetchone())


def _timed(act: Callable[[], object]) -> list[float]:
    """Return the milliseconds of each of several calls."""
    took = []
    for _ in range(PEERS):
        begun = time.perf_counter()
        act()
        took.append((time.perf_counter() - begun) * 1000)
    return took
