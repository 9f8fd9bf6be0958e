"""Time from a worker's death during an edit to the next start: with our acknowledgement, late, and Celery alone."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil

from anb.local.plan import anb
from verify.bench import clips, late_acks
from verify.bench.bench_platform import ROOT, WEB, Rig, platform
from verify.bench.jobs import follow
from verify.bench.raw_client import Form, upload
from verify.bench.suites import handoff
from verify.kit.figures import Figure, Goal, Limit, percentile, turns

OURS = anb("worker")
LATE = [sys.executable, "-m", "verify.bench.late_acks", "ours"]
BARE = [sys.executable, "-m", "verify.bench.late_acks", "bare"]
PARTS = (*WEB, "reconcile")  # without the worker, which is started here to be killed
SECONDS = 40  # of the clip: long enough to kill the worker during the edit
PATIENCE = 300.0
TICK = 0.02
WAYS = {"child": "the process that edits killed", "all": "the main process killed with it"}
GOAL = Goal("at most", 15, "value")  # lease, reconciler, and the start of a worker


class KillableWorker:
    """A worker that can be killed."""

    def __init__(self, rig: Rig, command: list[str], **settings: str) -> None:
        self._rig, self._command = rig, command
        self._environment = os.environ | rig.plan.environment | {"PYTHONPATH": str(ROOT)} | settings
        self.start()

    def start(self) -> None:
        """Start it. The next one starts right after the death of the one before."""
        with (self._rig.folder / "worker.log").open("a") as log:
            self._process = psutil.Popen(self._command, env=self._environment, stdout=log, stderr=log)

    def kill(self, way: str) -> None:
        """Kill the process that edits, or the whole worker and start another."""
        children = self._process.children()
        assert children
        for process in children if way == "child" else [self._process, *children]:
            process.send_signal(signal.SIGKILL)
        if way == "all":
            self._process.wait()
            self.start()

    def stop(self) -> None:
        """Stop it and all its children."""
        rest = self._process.children(recursive=True)
        self._process.terminate()
        psutil.wait_procs([self._process, *rest], timeout=10)
        for process in [self._process, *rest]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()


def measure(repeats: int) -> list[Figure]:
    """Kill our worker and one that acknowledges late in turns; then measure Celery's own and both idle hand-offs."""
    again: dict[tuple[str, bool], list[float]] = {(way, ours): [] for way in WAYS for ours in (True, False)}
    form = Form(clips.ordinary(SECONDS))
    for _, ours in turns(repeats):
        with platform(PARTS) as rig, _worker(rig, OURS if ours else LATE) as worker:
            for way in WAYS:
                again[way, ours].append(_again(rig, worker, form, way))
    alone = {way: [_alone(way) for _ in range(max(1, repeats // 2))] for way in WAYS}
    limits = {way: Limit("the same, acknowledged late", tuple(again[way, False])) for way in WAYS}
    return [
        *(Figure("death", f"{name} → running again", "s", tuple(again[way, True]), limits[way], GOAL)
          for way, name in WAYS.items()),
        *(Figure("death", f"{name} → running again, by late acknowledgement alone", "s", tuple(alone[way]),
                 note=f"Celery without our rows, visibility timeout {late_acks.VISIBLE} s")
          for way, name in WAYS.items()),
        _handed(repeats),
    ]  # fmt: skip


def _again(rig: Rig, worker: KillableWorker, form: Form, way: str) -> float:
    """Return the seconds from a death during an edit to the next start, by the database's clock."""
    job = UUID(upload(rig.port, "/api/videos/upload", form, rig.token())["task_id"])
    with rig.database() as database:

        def ask(what: str) -> Any:  # noqa: ANN401 - the column may have any type
            row = database.execute(f"SELECT {what} FROM jobs WHERE id = %s", [job]).fetchone()  # noqa: S608
            return row and row[0]

        _wait(lambda: bool(ask("state = 'running' AND progress BETWEEN 5 AND 70")))
        killed = ask("clock_timestamp()")
        worker.kill(way)
        _wait(lambda: bool(ask("attempt = 2")))
        seconds: float = (ask("started_at") - killed).total_seconds()
    follow(rig, job)
    return seconds


def _alone(way: str) -> float:
    """Return the same for Celery alone: a task that sleeps, and a file in which it reports its start."""
    with platform(()) as rig:
        report = rig.folder / "said"
        with _worker(rig, BARE, **{late_acks.SAYS: str(report)}) as worker:
            late_acks.bare(rig.plan.environment[late_acks.BROKER]).send_task(late_acks.NAP)
            _wait(lambda: len(_lines(report)) == 1)
            time.sleep(1)
            killed = time.time()
            worker.kill(way)
            _wait(lambda: len(_lines(report)) > 1)
            return float(_lines(report)[1]) - killed


def _handed(repeats: int) -> Figure:
    form = Form(clips.ordinary(2))
    waits: dict[bool, list[float]] = {True: [], False: []}
    for ours, command in ((True, OURS), (False, LATE)):
        with platform(PARTS, **handoff.LIMITS) as rig, _worker(rig, command):
            waits[ours] = handoff.waits(rig, form, repeats)
    late = Limit("the same, acknowledged late, p95", (percentile(waits[False], 95),))
    note = f"median {percentile(waits[True], 50):.1f} ms, late {percentile(waits[False], 50):.1f} ms"
    p95 = percentile(waits[True], 95)
    return Figure("death", "commit → worker begins, idle, p95", "ms", tuple(waits[True]), late, at=p95, note=note)


@contextmanager
def _worker(rig: Rig, command: list[str], **settings: str) -> Iterator[KillableWorker]:
    worker = KillableWorker(rig, command, **settings)
    try:
        _wait(rig.plan.valkey.has_consumer)
        yield worker
    finally:
        worker.stop()


def _lines(said: Path) -> list[str]:
    return said.read_text().split() if said.exists() else []


def _wait(is_so: Callable[[], bool]) -> None:
    """Wait for a condition. Raises RuntimeError if it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"the condition does not hold after {PATIENCE:.0f} s")
        time.sleep(TICK)
