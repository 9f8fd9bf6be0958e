"""Jobs according to their rows: when each was registered, started and finished."""

import time
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from verify.bench.bench_platform import Rig

PATIENCE = 600  # seconds
TICK = 0.1


class FinishedJob(NamedTuple):
    """A finished job."""

    created_at: datetime
    started_at: datetime
    finished_at: datetime
    timings: dict[str, float]


def follow(rig: Rig, job_id: UUID) -> FinishedJob:
    """Wait until a job is done. Raises RuntimeError if it ends otherwise or too late."""
    deadline = time.monotonic() + PATIENCE
    with rig.database() as database:
        while time.monotonic() < deadline:
            row = database.execute(
                "SELECT state, failure, created_at, started_at, finished_at, timings FROM jobs WHERE id = %s", [job_id]
            ).fetchone()
            if row is None or row[0] in {"failed", "dead", "cancelled"}:
                raise RuntimeError(f"job {job_id}: {row}")
            if row[0] == "done":
                return FinishedJob(*row[2:])
            time.sleep(TICK)
    raise RuntimeError(f"job {job_id} is not done after {PATIENCE} s")
