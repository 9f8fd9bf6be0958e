"""Signals to wait for: a request to stop, and the death of a child."""

import select
import signal
import socket
from types import FrameType, TracebackType
from typing import Any, Self

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked(BaseException):
    """The stack must stop. Like KeyboardInterrupt, this passes every `except Exception`."""


class Signals:
    """While this context is open, its signals wake `wait` instead of ending the process."""

    def __init__(self) -> None:
        self.stop_asked = False
        self._reader, self._writer = socket.socketpair()
        self._before: dict[signal.Signals, Any] = {}
        self._before_fd = -1

    def __enter__(self) -> Self:
        self._writer.settimeout(0)
        self._before_fd = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in STOPS:
            self._before[number] = signal.signal(number, self._stop)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, self._wake)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._before_fd)
        self._reader.close()
        self._writer.close()

    def wait(self, seconds: float) -> None:
        """Wait for `seconds`, or less when a signal comes. Raises StopAsked."""
        if not self.stop_asked:
            readable, _, _ = select.select([self._reader], [], [], seconds)
            if readable:
                self._reader.recv(4096)
        if self.stop_asked:
            raise StopAsked

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop_asked = True

    def _wake(self, _number: int, _frame: FrameType | None) -> None:
        """Do nothing: the signal alone wakes `wait`."""
