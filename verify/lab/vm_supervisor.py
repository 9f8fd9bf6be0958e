"""The supervisor of a lab host: its power supply, its console log, and its serial console.

It is a separate process, so that a running lab needs no other. It owns two unix sockets in the host's folder:
`power.sock` takes a word (on, cut, state) and answers whether there is power; `shell.sock` is the raw serial console,
where root is logged in.
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

FIRST = 1  # our process id: we are first in a process namespace, and all other processes in it belong to the host
ENDING_SECONDS = 10


class VirtualMachine:
    """One kernel, which can be started, cut, and started again."""

    def __init__(self, folder: Path, command: list[str]) -> None:
        self._folder, self._command = folder, command
        self.shell, self._guest_end = pty.openpty()
        for end in (self.shell, self._guest_end):
            tty.setraw(end)
        self._kernel: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
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
        """Cut its power: nothing more is written, and no peer is notified."""
        if self._kernel is not None:
            _end_all_others()
            self._kernel.poll()

    def has_power(self) -> bool:
        """Return whether its kernel runs."""
        return self._kernel is not None and self._kernel.poll() is None


def _end_all_others() -> None:
    """End all other processes in this namespace: a kernel's helpers outlive it and keep its disk open."""
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


def answer(host: VirtualMachine, connection: socket.socket) -> None:
    """Execute one word, and answer whether there is power."""
    doors: dict[str, Callable[[], None]] = {"on": host.start, "cut": host.cut, "state": lambda: None}
    with connection, connection.makefile("rw", encoding="ascii") as stream:
        doors[stream.readline().strip()]()
        stream.write("on\n" if host.has_power() else "off\n")


def bridge(host: VirtualMachine, connection: socket.socket) -> None:
    """Connect a terminal to the serial console until it disconnects."""
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
    """Serve a unix socket, with a thread for each connection."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(os.path.relpath(path))  # the limit of a socket's path is 107 bytes
    server.listen()

    def accept() -> None:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def main(folder: Path, command: list[str]) -> None:
    """Supervise one host until SIGTERM."""
    if os.getpid() != FIRST:
        sys.exit("the supervisor ends every other process: run it only in a process namespace of its own")
    os.chdir(folder)
    host = VirtualMachine(folder, command)
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
