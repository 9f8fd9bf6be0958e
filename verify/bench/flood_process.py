"""Runs a flood in its own process, so that its work does not delay the measured clients."""

import asyncio
import multiprocessing
import resource
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

from verify.bench.floods import Flood
from verify.bench.verdicts import CrowdTally

T = TypeVar("T")
FILES = 16384
LONGEST_OPENING = 90.0  # seconds until all connections must be open
LONGEST_END = 180.0  # seconds until open requests must be answered


def during(flood: Flood, act: Callable[[], T]) -> tuple[T, CrowdTally]:
    """Run a function once the flood is at work. Return its result and the answers that the flood got.

    Raises RuntimeError if the flood does not begin or end in time.
    """
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_run, args=(flood, theirs))
    process.start()
    theirs.close()
    try:
        _take(ours, LONGEST_OPENING, flood)
        done = act()
        tally = _take(ours, flood.seconds + LONGEST_END, flood)
        if not isinstance(tally, CrowdTally):
            raise TypeError(tally)
        process.join()
    finally:
        process.kill()
    return done, tally


def _take(pipe: Connection, seconds: float, flood: Flood) -> object:
    if not pipe.poll(seconds):
        raise RuntimeError(f"{flood.name}: no report within {seconds:.0f} s")
    return pipe.recv()


def _run(flood: Flood, pipe: Connection) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, FILES), hard), hard))
    begun, worked = time.perf_counter(), time.process_time()
    tally = asyncio.run(flood.run(lambda: pipe.send(None)))
    tally.processor_share = (time.process_time() - worked) / (time.perf_counter() - begun)
    pipe.send(tally)
