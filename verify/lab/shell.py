"""Connects a terminal to a host's serial console."""

import contextlib
import os
import select
import socket
import sys
import termios
import tty
from collections.abc import Iterator

from verify.lab.host_client import HostClient, reach

LEAVE = b"\x1d"  # Ctrl-]


def attach(line: HostClient) -> None:
    """Connect this terminal to a host until Ctrl-] is typed or input ends."""
    with socket.socket(socket.AF_UNIX) as host, _raw():
        with reach(line.folder / "shell.sock") as path:
            host.connect(path)
        sys.stdout.write(f"{line.name}: Ctrl-] leaves; press Enter for a prompt.\r\n")
        sys.stdout.flush()
        _carry(host)


def _carry(host: socket.socket) -> None:
    while True:
        ready, _, _ = select.select([host, sys.stdin.fileno()], [], [])
        if host in ready:
            os.write(sys.stdout.fileno(), host.recv(4096))
        if sys.stdin.fileno() in ready:
            typed = os.read(sys.stdin.fileno(), 4096)
            if not typed or LEAVE in typed:
                return
            host.sendall(typed)


@contextlib.contextmanager
def _raw() -> Iterator[None]:
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    tty.setraw(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
