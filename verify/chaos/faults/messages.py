"""The queue's messages: the same message delivered twice, or ten times."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from verify.chaos.fault_context import FaultContext, signal_all
from verify.chaos.faults.fault import Fault

MESSAGE_SECONDS = 20.0


def _delivered(times: int) -> Callable[[FaultContext], AbstractContextManager[None]]:
    """Deliver a message of the queue `times` times in all."""

    @contextmanager
    def strike(context: FaultContext) -> Iterator[None]:
        main = context.site.main("worker")
        main.suspend()  # so that a message stays in the queue long enough to be copied
        try:
            key, message = context.find("message in the queue", lambda: _waiting(context), MESSAGE_SECONDS)
            with context.site.queue() as queue:
                queue.lpush(key, *[message] * (times - 1))
        finally:
            signal_all([main], signal.SIGCONT)
        yield

    return strike


def _waiting(context: FaultContext) -> tuple[bytes, bytes] | None:
    """Return a list of the queue, with any name, and a message in it."""
    with context.site.queue() as queue:
        for key in queue.scan_iter(_type="list"):
            message = queue.lindex(key, 0)
            if isinstance(message, bytes):
                return key, message
    return None


FAULTS = (
    Fault("a message delivered twice", _delivered(2)),
    Fault("a message delivered ten times", _delivered(10)),
)
