"""From a worker's death in mid-edit to the next beginning: as we acknowledge, late, and by Celery alone."""

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

from anb.stack.plan import anb
from bench import acks, clips
from bench.figures import Figure, Goal, Limit, percentile, turns
from bench.jobs import follow
from bench.rig import ROOT, Rig, platform
from bench.suites import handoff
from bench.wire import Form, upload

OURS = anb("worker")
LATE = [sys.executable, "-m", "bench.acks", "ours"]
BARE = [sys.executable, "-m", "bench.acks", "bare"]
PARTS = ("web", "reconcile")  # the worker is started here: it is to die
SECONDS = 40  # of the clip: long enough to be killed in the middle
PATIENCE = 300.0
TICK = 0.02
WAYS = {"child": "the process that edits killed", "all": "the main process killed with it"}
GOAL = Goal("at most", 15, "value")  # lease, reconciler, and a worker that starts anew


class Worker:
    """A worker that may be killed."""

    def __init__(self, rig: Rig, command: list[str], **settings: str) -> None:
        self._rig, self._command = rig, command
        self._environment = os.environ | rig.plan.environment | {"PYTHONPATH": str(ROOT)} | settings
        self.start()

    def start(self) -> None:
        """Start it; the next one begins while the one before is hardly dead."""
        with (self._rig.folder / "worker.log").open("a") as log:
            self._process = psutil.Popen(self._command, env=self._environment, stdout=log, stderr=log)

    def kill(self, way: str) -> None:
        """Kill what edits, or all of the worker and start another."""
        children = self._process.children()
        assert children
        for process in children if way == "child" else [self._process, *children]:
            process.send_signal(signal.SIGKILL)
        if way == "all":
            self._process.wait()
            self.start()

    def stop(self) -> None:
        """End it and all it began."""
        rest = self._process.children(recursive=True)
        self._process.terminate()
        psutil.wait_procs([self._process, *rest], timeout=10)
        for process in [self._process, *rest]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()


def measure(repeats: int) -> list[Figure]:
    """Kill our worker and one that acknowledges late in turns; then Celery's own, and the idle hand-off of both."""
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
                 note=f"Celery without our rows, visibility timeout {acks.VISIBLE} s")
          for way, name in WAYS.items()),
        _handed(repeats),
    ]  # fmt: skip


def _again(rig: Rig, worker: Worker, form: Form, way: str) -> float:
    """Return the seconds from a death in mid-edit to the next beginning, by the database's own clock."""
    job = UUID(upload(rig.port, "/api/videos/upload", form, rig.token())["task_id"])
    with rig.database() as database:

        def ask(what: str) -> Any:  # noqa: ANN401 - of whatever kind the column is
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
    """Return the same of Celery's own answer: a task that naps, and the file in which it says when it began."""
    with platform(()) as rig:
        said = rig.folder / "said"
        with _worker(rig, BARE, **{acks.SAYS: str(said)}) as worker:
            acks.bare(rig.plan.environment[acks.BROKER]).send_task(acks.NAP)
            _wait(lambda: len(_lines(said)) == 1)
            time.sleep(1)
            killed = time.time()
            worker.kill(way)
            _wait(lambda: len(_lines(said)) > 1)
            return float(_lines(said)[1]) - killed


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
def _worker(rig: Rig, command: list[str], **settings: str) -> Iterator[Worker]:
    worker = Worker(rig, command, **settings)
    try:
        _wait(rig.plan.valkey.has_consumer)
        yield worker
    finally:
        worker.stop()


def _lines(said: Path) -> list[str]:
    return said.read_text().split() if said.exists() else []


def _wait(is_so: Callable[[], bool]) -> None:
    """Wait for something. Raises RuntimeError when it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"nothing came of it in {PATIENCE:.0f} s")
        time.sleep(TICK)
