"""Responses stored for repeated requests, in the same transaction as the request's own changes."""

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
class StoredResponse:
    """A stored response: status, JSON body, and the headers that matter."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def find(uow: UnitOfWork, owner: UUID, key: str) -> tuple[str, StoredResponse] | None:
    """Return the fingerprint of the request that used this key, and its response."""
    kept = idempotency_keys.c
    row = uow.execute(
        select(kept.fingerprint, kept.status, kept.body, kept.headers).where(
            kept.owner_id == owner, kept.key == key, kept.expires_at > func.now()
        )
    ).one_or_none()
    return None if row is None else (row.fingerprint, StoredResponse(row.status, row.body, row.headers))


def keep(uow: UnitOfWork, owner: UUID, key: str, fingerprint: str, answer: StoredResponse, seconds: int) -> bool:
    """Store a response for `seconds`; return False when another request with this key was faster.

    A second request waits here until the first has committed or rolled back: the row decides.
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
    """Delete expired responses, a batch at a time; return their number."""
    kept = idempotency_keys.c
    old = select(kept.owner_id, kept.key).where(kept.expires_at <= func.now()).limit(SWEPT_AT_ONCE)
    # Materialized: a plan may run a subquery again for each row, and pass the limit.
    chosen = old.with_for_update(skip_locked=True).cte().prefix_with("MATERIALIZED")
    gone = delete(idempotency_keys).where(tuple_(kept.owner_id, kept.key).in_(select(chosen.c.owner_id, chosen.c.key)))
    return uow.execute(gone).rowcount


def forget(uow: UnitOfWork, owner: UUID) -> int:
    """Delete the responses stored for a person; return their number."""
    return uow.execute(delete(idempotency_keys).where(idempotency_keys.c.owner_id == owner)).rowcount
