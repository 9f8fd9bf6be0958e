"""Noting signals, telling people which are kept of them, and deleting them."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from anb.db.session import UnitOfWork
from anb.ports import Tokens
from anb.signals import store
from anb.signals.domain import SignalKind, Trace, TracedClient, normal_form


def note(uow: UnitOfWork, account_id: UUID, act: SignalKind, trace: Trace) -> None:
    """Note where an act came from, if anything is known."""
    if not trace.is_empty:
        store.note(uow, account_id, act, trace)


def note_sign_in(uow: UnitOfWork, tokens: Tokens, account_id: UUID, email: str, client: TracedClient) -> None:
    """Note where a sign-in came from, and the mailbox that the account's e-mail address leads to now."""
    note(uow, account_id, SignalKind.SIGN_IN, Trace(client.device_key, client.block))
    store.note_mailbox(uow, account_id, mailbox_mark(tokens, email))


def mailboxes_of(uow: UnitOfWork, accounts: Collection[UUID]) -> dict[UUID, str]:
    """Return the marks of the mailboxes of accounts, where they are known."""
    return store.mailboxes_of(uow, accounts)


def mailbox_mark(tokens: Tokens, email: str) -> str:
    """Return the keyed hash of the normal form of an e-mail address."""
    return tokens.sign(f"mailbox:{normal_form(email)}")[:32]


def told(uow: UnitOfWork, account_id: UUID) -> dict[str, Any]:
    """Return what is kept of an account, for its owner."""
    return {
        "acts": [asdict(each) for each in store.list_of(uow, account_id)],
        "mailbox_mark_since": store.mailbox_since(uow, account_id),
    }


def erase(uow: UnitOfWork, account_id: UUID) -> int:
    """Delete what is kept of an account; return how many rows."""
    return store.erase(uow, account_id)


def purge(uow: UnitOfWork, before: datetime) -> int:
    """Delete the signals that did not come again since a moment; return how many."""
    return store.purge(uow, before)
