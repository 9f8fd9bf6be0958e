"""Start a program on a tether, follow what it says, and leave nothing of it behind."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from anb.adapters import tether
from anb.logs import logger

log = logger(__name__)

CHUNK = 64 * 1024
TICK = 0.1  # seconds
LAST_SECONDS = 5.0  # for the kernel to end what was killed
MARKS = "ANB_STACK_"  # by these `anb up` knows its own again; all else of our environment stays with us


@contextmanager
def tethered(
    command: Sequence[str],
    *,
    options: Sequence[str] = (),
    files: Sequence[int] = (),
    environment: Mapping[str, str] | None = None,
    **limits: int,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a process group of its own, output and errors in pipes; on leaving, all of it is dead.

    The calling thread must stay until then (see `tether`). `limits` are cpu (seconds), data, fsize (bytes) and nofile;
    `options` are the tether's own, `files` the open files it inherits.
    """
    marks = {name: value for name, value in os.environ.items() if name.startswith(MARKS)}
    lowered = [f"--{name}={value}" for name, value in limits.items()]
    launcher = [sys.executable, "-I", "-S", tether.__file__, f"--parent={os.getpid()}", *lowered, *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*launcher, "--", *command],
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
        process_group=0,
        pass_fds=tuple(files),
        env={**marks, **(environment or {})},
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                _wait_for_the_last(process)


def said_by(process: subprocess.Popen[bytes], tick: float) -> Iterator[tuple[bytes, bytes]]:
    """Give what came on standard output and standard error, at least every `tick` seconds, until it has ended."""
    with selectors.DefaultSelector() as ready:
        for side, pipe in enumerate((process.stdout, process.stderr)):
            if pipe is not None and not pipe.closed:
                ready.register(pipe, selectors.EVENT_READ, side)
        while ready.get_map():
            said = [b"", b""]
            for key, _ in ready.select(tick):
                said[key.data] = os.read(key.fd, CHUNK)
                if not said[key.data]:
                    ready.unregister(key.fileobj)
            yield said[0], said[1]
    while process.poll() is None:
        try:
            process.wait(tick)
        except subprocess.TimeoutExpired:
            yield b"", b""


def _wait_for_the_last(process: subprocess.Popen[bytes]) -> None:
    """Wait until the pipes end: in a sandbox the command is a grandchild, which the kernel kills with its parent."""
    deadline = time.monotonic() + LAST_SECONDS
    for _ in said_by(process, TICK):
        if time.monotonic() > deadline:
            log.error("adapters.tether.outlived", pid=process.pid)
            return
