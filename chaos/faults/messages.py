"""The queue's messages: the very same one delivered again, twice and ten at once."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from chaos.faults.fault import Fault
from chaos.ground import Ground, signal_all

MESSAGE_SECONDS = 20.0


def _delivered(times: int) -> Callable[[Ground], AbstractContextManager[None]]:
    """Deliver a message that is in the queue so many times in all."""

    @contextmanager
    def strike(ground: Ground) -> Iterator[None]:
        main = ground.site.main("worker")
        main.suspend()  # so that one stays in the queue long enough to be copied
        try:
            key, message = ground.find("message in the queue", lambda: _waiting(ground), MESSAGE_SECONDS)
            with ground.site.queue() as queue:
                queue.lpush(key, *[message] * (times - 1))
        finally:
            signal_all([main], signal.SIGCONT)
        yield

    return strike


def _waiting(ground: Ground) -> tuple[bytes, bytes] | None:
    """Return a list of the queue and a message in it, whatever the list is called."""
    with ground.site.queue() as queue:
        for key in queue.scan_iter(_type="list"):
            message = queue.lindex(key, 0)
            if isinstance(message, bytes):
                return key, message
    return None


FAULTS = (
    Fault("a message delivered twice", _delivered(2)),
    Fault("a message delivered ten times", _delivered(10)),
)
