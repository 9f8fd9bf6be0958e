"""Beside each lab host: its power supply, its console's log, and the serial line of its shell.

A process of its own, so that a lab that is left standing needs no other. It owns two unix sockets in the host's folder:
`power.sock` takes a word (on, cut, state) and answers whether there is power; `shell.sock` is the raw serial line on
which root is logged in.
"""

import contextlib
import os
import pty
import signal
import socket
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Callable
from pathlib import Path

FIRST = 1  # our id: we are the first of a process namespace of our own, and all others in it are the host's
ENDING_SECONDS = 10


class Host:
    """One kernel: started, cut, started again."""

    def __init__(self, folder: Path, command: list[str]) -> None:
        self._folder, self._command = folder, command
        self.shell, self._guest_end = pty.openpty()
        for end in (self.shell, self._guest_end):
            tty.setraw(end)
        self._kernel: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Give it power."""
        if self.has_power():
            return
        with (self._folder / "console.log").open("ab") as log:
            self._kernel = subprocess.Popen(
                [*self._command, f"ssl0=fd:{self._guest_end}"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(self._guest_end,),
                start_new_session=True,
                cwd=self._folder,
            )

    def cut(self) -> None:
        """Take its power away, as a failing supply would: no farewell, nothing is written any more."""
        if self._kernel is not None:
            _end_all_others()
            self._kernel.poll()

    def has_power(self) -> bool:
        """Return whether its kernel runs."""
        return self._kernel is not None and self._kernel.poll() is None


def _end_all_others() -> None:
    """End whatever else is in this process namespace: a kernel's helpers outlive it, and hold its disk."""
    deadline = time.monotonic() + ENDING_SECONDS
    while others := _others():
        for number in others:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if time.monotonic() > deadline:
            raise TimeoutError(f"these do not end: {others}")
        time.sleep(0.01)


def _others() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and int(entry.name) != FIRST]


def answer(host: Host, connection: socket.socket) -> None:
    """Do what one word asks for, and say whether there is power."""
    doors: dict[str, Callable[[], None]] = {"on": host.start, "cut": host.cut, "state": lambda: None}
    with connection, connection.makefile("rw", encoding="ascii") as stream:
        doors[stream.readline().strip()]()
        stream.write("on\n" if host.has_power() else "off\n")


def bridge(host: Host, connection: socket.socket) -> None:
    """Join a person's terminal to the serial line for as long as they stay."""
    with connection:
        gone = threading.Event()

        def inward() -> None:
            while typed := connection.recv(4096):
                os.write(host.shell, typed)
            gone.set()

        threading.Thread(target=inward, daemon=True).start()
        while not gone.is_set():
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(os.read(host.shell, 4096))


def listen(path: Path, serve: Callable[[socket.socket], None]) -> None:
    """Serve a unix socket, each caller in a thread of its own."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(os.path.relpath(path))  # a socket's path has 107 bytes at most
    server.listen()

    def accept() -> None:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def main(folder: Path, command: list[str]) -> None:
    """Keep one host until told to stop."""
    if os.getpid() != FIRST:
        sys.exit("a keeper ends all around it: it runs in a process namespace of its own alone")
    os.chdir(folder)
    host = Host(folder, command)
    listen(folder / "power.sock", lambda connection: answer(host, connection))
    listen(folder / "shell.sock", lambda connection: bridge(host, connection))
    host.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        threading.Event().wait()
    finally:
        host.cut()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
