"""Beside each lab host: its power supply, its console's log, and the two serial lines into it.

A process of its own, so that a lab that is left standing needs no other. It owns two unix sockets in the host's folder:
`agent.sock` takes a line of JSON (a script to run inside, or what to do with the power) and answers with one;
`shell.sock` is the raw first serial line, where root is logged in.
"""

import contextlib
import json
import os
import pty
import queue
import signal
import socket
import subprocess
import sys
import threading
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Any

NO_POWER = {"code": -1, "out": "", "err": "the host has no power"}
NOT_UP = {"code": -1, "out": "", "err": "the host is not up yet"}
LATE = {"code": -1, "out": "", "err": "the host did not answer"}
GRACE_SECONDS = 15  # beyond a script's own time: a host under load answers late


class Host:
    """One kernel: started, cut, started again; and who waits for an answer of it."""

    def __init__(self, folder: Path, command: list[str]) -> None:
        self.folder, self._command = folder, command
        self.shell, self._shell_end = _line()
        self._agent, self._agent_end = _line()
        self._waiting: dict[int, queue.Queue[dict[str, Any]]] = {}
        self._lock, self._next, self.boot = threading.Lock(), 0, ""
        self._kernel: subprocess.Popen[bytes] | None = None
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self) -> None:
        """Give it power."""
        if self._kernel is not None and self._kernel.poll() is None:
            return
        lines = [f"ssl0=fd:{self._shell_end}", f"ssl1=fd:{self._agent_end}"]
        with (self.folder / "console.log").open("ab") as log:
            self._kernel = subprocess.Popen(
                [*self._command, *lines],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(self._shell_end, self._agent_end),
                start_new_session=True,
                cwd=self.folder,
            )

    def cut(self) -> None:
        """Take its power away, as a failing supply would: no farewell, and nobody gets an answer any more."""
        if self._kernel is not None and self._kernel.poll() is None:
            os.killpg(self._kernel.pid, signal.SIGKILL)
            self._kernel.wait()
        self._fail_all()

    def state(self) -> dict[str, Any]:
        """Return whether it has power, and which boot this is once its agent spoke."""
        return {"power": self._kernel is not None and self._kernel.poll() is None, "boot": self.boot}

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Have a script run inside and wait for how it ended."""
        if not self.state()["power"]:
            return NO_POWER
        if not self.boot:  # a line nobody reads yet would send it back as an echo
            return NOT_UP
        answer: queue.Queue[dict[str, Any]] = queue.Queue()
        with self._lock:
            self._next += 1
            number = self._next
            self._waiting[number] = answer
            os.write(self._agent, json.dumps({**request, "id": number}).encode() + b"\n")
        try:
            return answer.get(timeout=request["seconds"] + GRACE_SECONDS)
        except queue.Empty:
            return LATE
        finally:
            self._waiting.pop(number, None)

    def _listen(self) -> None:
        with os.fdopen(os.dup(self._agent), "rb") as answers:
            for raw in answers:
                with contextlib.suppress(json.JSONDecodeError):  # half a line of a host that lost its power
                    self._hear(json.loads(raw))

    def _hear(self, answer: dict[str, Any]) -> None:
        if answer["id"] == 0:
            self._fail_all()
            self.boot = answer["boot"]
        elif "code" in answer and (waiting := self._waiting.get(answer["id"])) is not None:
            waiting.put({key: answer[key] for key in ("code", "out", "err")})

    def _fail_all(self) -> None:
        self.boot = ""
        for waiting in list(self._waiting.values()):
            waiting.put(NO_POWER)


def _line() -> tuple[int, int]:
    ours, theirs = pty.openpty()
    tty.setraw(ours)
    tty.setraw(theirs)
    return ours, theirs


def answer(host: Host, connection: socket.socket) -> None:
    """Do what one line asks for and answer with one."""
    with connection, connection.makefile("rwb") as stream:
        request = json.loads(stream.readline())
        doors: dict[str, Callable[[], None]] = {"on": host.start, "cut": host.cut, "state": lambda: None}
        if "power" in request:
            doors[request["power"]]()
            reply = host.state()
        else:
            reply = host.ask(request)
        with contextlib.suppress(BrokenPipeError):  # who asked has gone
            stream.write(json.dumps(reply).encode() + b"\n")
            stream.flush()


def bridge(host: Host, connection: socket.socket) -> None:
    """Join a person's terminal to the first serial line for as long as they stay."""
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
    os.chdir(folder)
    host = Host(folder, command)
    listen(folder / "agent.sock", lambda connection: answer(host, connection))
    listen(folder / "shell.sock", lambda connection: bridge(host, connection))
    host.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        threading.Event().wait()
    finally:
        host.cut()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
