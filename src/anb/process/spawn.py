"""Start a program that cannot outlive us, read its output, and end all its processes."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from anb.logs import logger
from anb.process import launcher

log = logger(__name__)

CHUNK = 64 * 1024
TICK = 0.1  # seconds
LAST_SECONDS = 5.0  # for the kernel to end the killed processes
OOM_SCORE = 500  # killed first when memory runs out: a child can be tried again, a server cannot
MARKS = "ANB_STACK_"  # by these `anb up` finds its processes again; no other variable of ours is passed on


@contextmanager
def spawned(
    command: Sequence[str],
    *,
    options: Sequence[str] = (),
    files: Sequence[int] = (),
    environment: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
    **limits: int,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a process group of its own, with output and errors in pipes; on leaving, kill the whole group.

    The calling thread must stay until then (see `launcher`). `limits` are cpu (seconds), data, fsize (bytes) and
    nofile; `options` are the launcher's own, `files` the open files it inherits.
    """
    marks = {name: value for name, value in os.environ.items() if name.startswith(MARKS)}
    lowered = [f"--{name}={value}" for name, value in limits.items()]
    tie = [f"--parent={os.getpid()}", f"--oom={OOM_SCORE}", "--core=0"]
    launch = [sys.executable, "-I", "-S", launcher.__file__, *tie, *lowered, *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*launch, "--", *command],
        stdin=stdin,
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
    """Yield bytes from standard output and standard error, at least every `tick` seconds, until the process ends."""
    with selectors.DefaultSelector() as ready:
        for side, pipe in enumerate((process.stdout, process.stderr)):
            if pipe is not None and not pipe.closed:
                ready.register(pipe, selectors.EVENT_READ, side)
        while ready.get_map():
            chunks = [b"", b""]
            for key, _ in ready.select(tick):
                chunks[key.data] = os.read(key.fd, CHUNK)
                if not chunks[key.data]:
                    ready.unregister(key.fileobj)
            yield chunks[0], chunks[1]
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
            log.error("process.spawn.outlived", pid=process.pid)
            return
