"""Answers kept for requests that come again: made once, in the transaction of what they answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from anb.db.session import UnitOfWork
from anb.db.tables import idempotency_keys

SWEPT_AT_ONCE = 1000


@dataclass(frozen=True)
class Answer:
    """What was answered: status, JSON body, and the headers that matter."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def find(uow: UnitOfWork, owner: UUID, key: str) -> tuple[str, Answer] | None:
    """Return the fingerprint of the request that had this key, and its answer."""
    kept = idempotency_keys.c
    row = uow.execute(
        select(kept.fingerprint, kept.status, kept.body, kept.headers).where(
            kept.owner_id == owner, kept.key == key, kept.expires_at > func.now()
        )
    ).one_or_none()
    return None if row is None else (row.fingerprint, Answer(row.status, row.body, row.headers))


def keep(uow: UnitOfWork, owner: UUID, key: str, fingerprint: str, answer: Answer, seconds: int) -> bool:
    """Keep an answer for so long; False when another request with this key was faster.

    A second one waits here until the first has committed or is undone: the row decides.
    """
    values = {
        "fingerprint": fingerprint,
        "status": answer.status,
        "body": answer.body,
        "headers": dict(answer.headers),
        "expires_at": func.now() + text(f"interval '{int(seconds)} seconds'"),
    }
    statement = (
        insert(idempotency_keys)
        .values(owner_id=owner, key=key, **values)
        .on_conflict_do_update(
            index_elements=["owner_id", "key"], set_=values, where=idempotency_keys.c.expires_at <= func.now()
        )
        .returning(idempotency_keys.c.key)
    )
    return uow.execute(statement).first() is not None


def sweep(uow: UnitOfWork) -> int:
    """Forget the answers that are too old, some at a time; return how many."""
    kept = idempotency_keys.c
    old = select(kept.owner_id, kept.key).where(kept.expires_at <= func.now()).limit(SWEPT_AT_ONCE)
    old = old.with_for_update(skip_locked=True)
    gone = delete(idempotency_keys).where(tuple_(kept.owner_id, kept.key).in_(old))
    return uow.execute(gone).rowcount
