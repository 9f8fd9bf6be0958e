"""Password hashing: threads of its own, a short queue, and no work for a client that has left."""

from collections.abc import Callable
from typing import ClassVar, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Request
from starlette.requests import ClientDisconnect

from anb.errors import Refusal
from anb.settings import Settings
from anb.web.upload_threads import together

T = TypeVar("T")


class TooManySignIns(Refusal):
    """More people are signing up and in right now than passwords can be checked; nothing was changed."""

    status: ClassVar[int] = 503
    code: ClassVar[str] = "too-many-sign-ins"


class HashingLimiter:
    """Bounds the cost of sign-ins: a hash is expensive by design, and any client can ask for one."""

    def __init__(self, settings: Settings) -> None:
        self._threads = CapacityLimiter(settings.hash_threads)
        self._most_waiting = settings.hash_queue

    async def run(self, request: Request, act: Callable[[], T]) -> T:
        """Run a function that hashes. Raises TooManySignIns; ClientDisconnect if the client leaves before it starts."""
        known = self._threads.statistics()
        if known.borrowed_tokens >= known.total_tokens and known.tasks_waiting >= self._most_waiting:
            raise TooManySignIns
        async with together() as tasks:
            tasks.start_soon(_leave_with, request)
            done = await run_sync(act, limiter=self._threads)
            tasks.cancel_scope.cancel()
        return done


async def _leave_with(request: Request) -> None:
    """Wait until the client hangs up. Raises ClientDisconnect, which ends the wait for a thread, not a hash begun."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    raise ClientDisconnect
