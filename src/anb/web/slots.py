"""A limit on simultaneous uploads of one account, counted per process."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from anb.errors import Refusal
from anb.web.deps import CallerId
from anb.web.network import is_exempt_here


class TooManyAtOnce(Refusal):
    """The account is sending too many uploads right now."""

    status = 429
    code = "too-many-uploads-at-once"
    retry_after = 5


class Slots:
    """Counts the uploads being sent, per account."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[UUID] = Counter()

    @contextmanager
    def take(self, account: UUID) -> Iterator[None]:
        """Hold one slot while the block runs. Raises TooManyAtOnce."""
        if self._taken[account] >= self._most:
            raise TooManyAtOnce(count=self._most)
        self._taken[account] += 1
        try:
            yield
        finally:
            self._taken[account] -= 1
            if not self._taken[account]:
                del self._taken[account]


def slot(request: Request, caller: UUID) -> AbstractContextManager[None]:
    """Hold a slot while a block runs; exempt networks need none. Raises TooManyAtOnce."""
    slots: Slots = request.app.state.upload_slots
    return nullcontext() if is_exempt_here(request) else slots.take(caller)


async def sending(request: Request, caller: CallerId) -> AsyncIterator[None]:
    """Hold a slot while an endpoint runs. Raises TooManyAtOnce."""
    with slot(request, caller):
        yield


SendingSlot = Annotated[None, Depends(sending, scope="function")]
