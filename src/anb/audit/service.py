"""The operations of the audit trail: record an act, list and verify, erase names."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from anb.audit import store
from anb.audit.domain import (
    SALT_BYTES,
    START,
    Act,
    AuditActor,
    AuditChainBroken,
    AuditedAct,
    AuditEntry,
    AuditFilter,
    AuditTarget,
    ChainHead,
    Detail,
    canonical,
    chained,
    commit,
    follow,
)
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.logs import record as _record


def record(
    uow: UnitOfWork,
    actor: AuditActor,
    act: Act,
    target: AuditTarget,
    reason: str = "",
    details: Mapping[str, Detail] | None = None,
) -> None:
    """Record an act in its own transaction: at the end of it, so that the head of the chain is locked last and briefly.

    `details` is hashed and stays for ever: no personal data. The actor's name and `reason` can be erased.
    """
    account_id = target.account_id
    what = AuditedAct(
        actor.role, actor.account_id, act.value, target.kind.value, target.id, account_id, canonical(details or {})
    )
    uow.before_commit(partial(_append, uow, what, actor.name, reason))


def _append(uow: UnitOfWork, what: AuditedAct, name: str, reason: str) -> None:
    before, now = store.take_head(uow)
    commitment = commit(secrets.token_bytes(SALT_BYTES), name, reason)
    digest = chained(before, now, what, commitment.digest)
    entry = AuditEntry(before.number + 1, now, what, commitment, name, reason, digest)
    store.add(uow, entry)
    # Another place that remembers the head: it shows if the end of the trail is cut off later.
    head = ChainHead(entry.number, digest)
    uow.after_commit(partial(_record, "audit.act.recorded", account_id=what.actor_id, act=what.act, head=head))


def list_entries(uow: UnitOfWork, wanted: AuditFilter, page: Page) -> Listed[AuditEntry]:
    """Return entries, newest first."""
    return store.list_page(uow, wanted, page)


def told(uow: UnitOfWork, account_id: UUID) -> list[dict[str, object]]:
    """Return the acts of an account and those on what is its, oldest first, without the names of others."""
    return [
        {
            "at": entry.at,
            "act": entry.what.act,
            "on": entry.what.target_kind,
            "by": "person" if entry.what.actor_id == account_id else entry.what.actor_role,
        }
        for entry in store.list_concerning(uow, account_id)
    ]


def verify(uow: UnitOfWork, remembered: ChainHead | None = None) -> ChainHead:
    """Walk the whole trail and return its head; `remembered` is an earlier one that must be on the way.

    Without it, entries cut off at the end go unseen. Raises AuditChainBroken, which names the first difference.
    """
    head = START
    for entry in store.each_entry(uow):
        head = follow(head, entry)
        if remembered is not None and head.number == remembered.number and head != remembered:
            raise AuditChainBroken(f"entry {head.number} has the hash {head.hash.hex()}, not the remembered one")
    if remembered is not None and head.number < remembered.number:
        raise AuditChainBroken(f"entry {head.number + 1} is missing: the trail ends before {remembered.number}")
    return head


def forget(uow: UnitOfWork, account_id: UUID) -> int:
    """Erase what is personal about an account, and return in how many entries; the chain still holds.

    That is the name and the reason of its acts, and of those on what is its.
    """
    return store.forget(uow, account_id)


def forget_before(uow: UnitOfWork, before: datetime) -> int:
    """Erase names and reasons that are older than a moment, and return in how many entries."""
    return store.forget_before(uow, before)
