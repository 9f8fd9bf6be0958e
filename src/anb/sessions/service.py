"""Opening, using and ending sessions."""

from datetime import datetime
from functools import partial
from uuid import UUID

from anb.db.session import UnitOfWork
from anb.logs import record
from anb.ports import Ports
from anb.sessions import store
from anb.sessions.domain import (
    MOST_PROGRAMS,
    EndReason,
    OpenedSession,
    Refreshed,
    Session,
    SessionClient,
    SessionKind,
    SessionNotFound,
    hash_of,
    new_secret,
    successor,
)


def open_session(
    uow: UnitOfWork,
    ports: Ports,
    account_id: UUID,
    *,
    kind: SessionKind,
    device: str,
    block: str | None,
    strong: bool = False,
) -> OpenedSession:
    """Sign an account in. The caller has checked who it is."""
    if kind is SessionKind.PROGRAM:
        store.end_surplus(uow, account_id, MOST_PROGRAMS, ports.lifetimes.access)
    secret, client = new_secret(kind), SessionClient(kind, device, block)
    session_id = store.add(uow, account_id, client, secret, ports.lifetimes, strong=strong)
    return OpenedSession(session_id, secret)


def refresh(uow: UnitOfWork, ports: Ports, refresh_token: str) -> Refreshed | None:
    """Exchange a refresh token for the next one; None if it is not valid. If it is an old one, end its session.

    An old token in use means that two clients have it, and one of them is a thief. Only the token before the newest is
    excused, for seconds: its answer may have been lost, or two threads of one client asked at once. Both get the same.
    """
    found = store.lock_family(uow, refresh_token, ports.lifetimes.grace)
    if found is None:
        return None
    session, following = found.session, successor(refresh_token, ports.tokens.sign)
    if found.secret_hash == hash_of(refresh_token):
        return Refreshed(store.rotate(uow, session.id, following, ports.lifetimes.idle), following)
    if found.rotated_lately and found.secret_hash == hash_of(following):
        return Refreshed(session, following)
    end_session(uow, session.id, EndReason.REFRESH_REUSED)
    return None


def sign_out(uow: UnitOfWork, account_id: UUID, session_id: UUID | None) -> None:
    """End the session of a cookie or token; one from before sessions ends with all others of its account and kind."""
    if session_id is not None:
        end_session(uow, session_id, EndReason.SIGNED_OUT)
        return
    store.refuse_tokens(uow, account_id)


def end_own(uow: UnitOfWork, account_id: UUID, session_id: UUID) -> None:
    """End a session that its owner chose in a list. Raises SessionNotFound."""
    if all(session.id != session_id for session in store.list_open(uow, account_id)):
        raise SessionNotFound
    end_session(uow, session_id, EndReason.SIGNED_OUT_ELSEWHERE)


def end_session(uow: UnitOfWork, session_id: UUID, reason: EndReason) -> bool:
    """End a session: the next request with its cookie or tokens is refused. False when it was over already."""
    account_id = store.end_one(uow, session_id, reason)
    if account_id is None:
        return False
    uow.after_commit(
        partial(record, "sessions.session.ended", account_id=account_id, session_id=session_id, reason=reason.value)
    )
    return True


def end_all(uow: UnitOfWork, account_id: UUID, reason: EndReason, *, but: UUID | None = None) -> int:
    """End an account's sessions, except one, and refuse its tokens without a session. Return how many were open."""
    ended = store.end_of_account(uow, account_id, reason, but)
    store.refuse_tokens(uow, account_id)
    uow.after_commit(partial(record, "sessions.all.ended", account_id=account_id, reason=reason.value))
    return ended


def mark_strong(uow: UnitOfWork, session_id: UUID) -> None:
    """Note that a second factor was used in a session."""
    store.set_strong(uow, session_id)


def mark_authenticated(uow: UnitOfWork, session_id: UUID) -> None:
    """Note that the password was given again in a session."""
    store.set_authenticated(uow, session_id)


def renew(uow: UnitOfWork, ports: Ports, session_id: UUID) -> Session | None:
    """Let a session live on, because it is used; None when it ended meanwhile."""
    return store.renew(uow, session_id, ports.lifetimes.idle)


def note_confirmed(uow: UnitOfWork, account_id: UUID) -> None:
    """Let pages know at once that an account's e-mail is confirmed; its sessions stay as they are."""
    store.forget_account(uow, account_id)


def list_open(uow: UnitOfWork, account_id: UUID) -> list[Session]:
    """Return where an account is signed in, last seen first."""
    return store.list_open(uow, account_id)


def purge(uow: UnitOfWork, before: datetime) -> int:
    """Delete the sessions that ended or expired before a moment; return how many."""
    return store.purge(uow, before)
