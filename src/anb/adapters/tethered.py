"""Start a program on a tether, follow what it says, and leave nothing of it behind."""

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from anb.adapters import tether

CHUNK = 64 * 1024


@contextmanager
def tethered(command: Sequence[str], **limits: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a process group of its own, output and errors in pipes; on leaving, its whole group is dead.

    The calling thread must stay until then (see `tether`). `limits` are cpu (seconds), data, fsize (bytes) and nofile.
    """
    options = [f"--{name}={value}" for name, value in limits.items()]
    launcher = [sys.executable, "-I", "-S", tether.__file__, f"--parent={os.getpid()}", *options, "--", *command]
    pipe = subprocess.PIPE
    with subprocess.Popen(launcher, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, process_group=0) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def said_by(process: subprocess.Popen[bytes], tick: float) -> Iterator[tuple[bytes, bytes]]:
    """Give what came on standard output and standard error, at least every `tick` seconds, until it has ended."""
    with selectors.DefaultSelector() as ready:
        for side, pipe in enumerate((process.stdout, process.stderr)):
            if pipe is not None:
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
