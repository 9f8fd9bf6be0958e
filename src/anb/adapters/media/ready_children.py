"""A probing child that is started while an upload arrives: in its sandbox, with libav loaded, waiting for a file.

Starting a child takes most of the time of a probe. The child belongs to no upload, so a client that stalls does not
hold it. It receives an open file and not a path, so until then it can reach no file of any player.
"""

import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from subprocess import Popen
from threading import Event, Lock, Thread

from anb.errors import AnbError
from anb.logs import logger

log = logger(__name__)

IDLE_SECONDS = 15.0  # after the last bytes of any upload; then the child is ended
LOOK_SECONDS = 0.5

Start = Callable[[int], AbstractContextManager[Popen[bytes]]]  # given its standard input
Heard = tuple[bytes, bytes]  # its output, and its complaints
Listen = Callable[[Popen[bytes]], Heard]
Words = tuple[str, ...]  # what the child is told about a file


class ReadyChildren:
    """At most one child that waits. A probe takes it, or starts its own where there is none."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._lock = Lock()
        self._waiting: WaitingChild | None = None
        self._wanted_until = 0.0

    def prepare(self) -> None:
        """Start a child if none is ready or starting."""
        with self._lock:
            self._wanted_until = time.monotonic() + IDLE_SECONDS
            if self._waiting is not None:
                return
            try:
                self._waiting = WaitingChild(self._start, self._let_go)
            except RuntimeError as failure:  # no thread available: then the probe starts its own child
                log.warning("adapters.probe.not_ready", error=repr(failure))

    def take(self) -> "WaitingChild | None":
        """Take the child that waits."""
        with self._lock:
            waiting, self._waiting = self._waiting, None
        return waiting

    def _let_go(self, waiting: "WaitingChild") -> bool:
        """Drop a child that was not wanted for `IDLE_SECONDS`, and return True; a child that was taken is kept."""
        with self._lock:
            if self._waiting is not waiting or time.monotonic() < self._wanted_until:
                return False
            self._waiting = None
            return True


class WaitingChild:
    """One child, kept by a thread of its own: the kernel ends a child together with the thread that started it."""

    def __init__(self, start: Start, let_go: Callable[["WaitingChild"], bool]) -> None:
        self._start, self._let_go = start, let_go
        self._asked, self._answered = Event(), Event()
        self._question: tuple[int, Words, Listen] | None = None
        self._answer: tuple[Heard, int] | Exception | None = None
        Thread(target=self._keep, name="waiting-child", daemon=True).start()

    def look(self, file: int, words: Words, listen: Listen) -> tuple[Heard, int] | None:
        """Have the child probe an open file; return its output and its exit code.

        None where it died before it got the file, or never started. Raises what `listen` raises.
        """
        self._question = file, words, listen
        self._asked.set()
        self._answered.wait()
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def _keep(self) -> None:
        ours, theirs = socket.socketpair()
        try:
            with ours, self._start(theirs.fileno()) as process:
                theirs.close()
                while not self._asked.wait(LOOK_SECONDS):
                    if self._let_go(self):
                        return
                self._answer = self._heard(process, ours)
                self._answered.set()  # before the child is cleaned up, which takes time
        except (OSError, AnbError) as failure:
            log.warning("adapters.probe.not_ready", error=repr(failure))
        finally:
            theirs.close()
            self._answered.set()

    def _heard(self, process: Popen[bytes], ours: socket.socket) -> tuple[Heard, int] | Exception | None:
        if self._question is None or process.poll() is not None:
            return None
        file, words, listen = self._question
        try:
            socket.send_fds(ours, [" ".join(words).encode()], [file])
        except OSError:
            return None
        try:
            heard = listen(process)
        except Exception as failure:  # noqa: BLE001 - raised again in `look`
            return failure
        return heard, process.returncode
