"""`Idempotency-Key`: the same request again gets the same answer and makes nothing new."""

import hashlib
import json
from typing import Annotated
from uuid import UUID

from fastapi import Header
from fastapi.responses import JSONResponse, Response

from anb.db import answers
from anb.db.answers import Answer
from anb.db.session import UnitOfWork
from anb.errors import Refusal

# As the draft has it, a string between quotation marks; and without them, as most clients send it.
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r'^("[\x21\x23-\x5b\x5d-\x7e]{1,255}"|[\x21\x23-\x7e]{1,255})$',
        description="A word of your choice for this request. The same one with the same request again, within a day, "
        "gets the same answer and makes nothing new. It is yours alone; a refusal frees it.",
    ),
]


class KeyReused(Refusal):
    """The `Idempotency-Key` was that of another request."""

    status = 422
    code = "idempotency-key-reused"
    es = "Este Idempotency-Key ya fue el de otra solicitud: usa uno nuevo."
    en = "This Idempotency-Key was that of another request: use a new one."


class KeyInUse(Refusal):
    """A request with the same `Idempotency-Key` was being worked on at this very moment."""

    status = 409
    code = "idempotency-key-in-use"
    es = "Otra solicitud con este Idempotency-Key se atiende en este momento. Repítela enseguida."
    en = "Another request with this Idempotency-Key is being worked on right now. Repeat it in a moment."


class Once:
    """One request that is to be done once: who sends it, their key for it, and what it is."""

    def __init__(self, owner: UUID, key: str | None, seconds: int, *request: object) -> None:
        self.owner = owner
        self._key = None if key is None else key.strip('"')
        self._seconds = seconds
        self._fingerprint = hashlib.sha256(json.dumps([str(part) for part in request]).encode()).hexdigest()

    def before(self, uow: UnitOfWork) -> Answer | None:
        """Return what was answered when this request came first. Raises KeyReused."""
        found = None if self._key is None else answers.find(uow, self.owner, self._key)
        if found is None:
            return None
        if found[0] != self._fingerprint:
            raise KeyReused
        return found[1]

    def still(self, uow: UnitOfWork) -> None:
        """Make sure, in the transaction that makes something, that this request is the first. Raises KeyInUse."""
        if self.before(uow) is not None:
            raise KeyInUse

    def keep(self, uow: UnitOfWork, answer: Answer) -> None:
        """Keep the answer, in the transaction that makes what it speaks of. Raises KeyInUse."""
        if self._key is None:
            return
        if not answers.keep(uow, self.owner, self._key, self._fingerprint, answer, self._seconds):
            raise KeyInUse


def replay(answer: Answer) -> Response:
    """Answer as the first time."""
    if answer.body is None:
        return Response(status_code=answer.status, headers=dict(answer.headers))
    return JSONResponse(answer.body, answer.status, headers=dict(answer.headers))
