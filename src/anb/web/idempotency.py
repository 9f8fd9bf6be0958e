"""`Idempotency-Key`: a repeated request gets the same answer and creates nothing new."""

import hashlib
import json
from typing import Annotated
from uuid import UUID

from fastapi import Header
from fastapi.responses import JSONResponse, Response

from anb.db import stored_responses
from anb.db.session import UnitOfWork
from anb.db.stored_responses import StoredResponse
from anb.errors import Refusal

# In the draft's form, a string in quotation marks; and without them, as most clients send it.
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r'^("[\x21\x23-\x5b\x5d-\x7e]{1,255}"|[\x21\x23-\x7e]{1,255})$',
        description="A key of your choice for this request. A repeated request with the same key, within a day, gets "
        "the same answer and creates nothing new. Keys of other accounts are separate; a refusal frees the key.",
    ),
]


class KeyReused(Refusal):
    """The `Idempotency-Key` was used for another request."""

    status = 422
    code = "idempotency-key-reused"


class KeyInUse(Refusal):
    """Another request with the same `Idempotency-Key` is being processed right now."""

    status = 409
    code = "idempotency-key-in-use"


class Once:
    """A request that must be done once: its sender, the key, and its content."""

    def __init__(self, owner: UUID, key: str | None, seconds: int, *request: object) -> None:
        self.owner = owner
        self._key = None if key is None else key.strip('"')
        self._seconds = seconds
        self._fingerprint = hashlib.sha256(json.dumps([str(part) for part in request]).encode()).hexdigest()

    def before(self, uow: UnitOfWork) -> StoredResponse | None:
        """Return the answer that the first such request got, or None. Raises KeyReused."""
        found = None if self._key is None else stored_responses.find(uow, self.owner, self._key)
        if found is None:
            return None
        if found[0] != self._fingerprint:
            raise KeyReused
        return found[1]

    def still(self, uow: UnitOfWork) -> None:
        """Check, in the transaction that creates something, that this request is the first. Raises KeyInUse."""
        if self.before(uow) is not None:
            raise KeyInUse

    def keep(self, uow: UnitOfWork, answer: StoredResponse) -> None:
        """Store the answer, in the transaction of the changes it reports. Raises KeyInUse."""
        if self._key is None:
            return
        if not stored_responses.keep(uow, self.owner, self._key, self._fingerprint, answer, self._seconds):
            raise KeyInUse


def replay(answer: StoredResponse) -> Response:
    """Send the stored answer again."""
    if answer.body is None:
        return Response(status_code=answer.status, headers=dict(answer.headers))
    return JSONResponse(answer.body, answer.status, headers=dict(answer.headers))
