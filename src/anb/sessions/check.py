"""The check of each request's cookie or token: one indexed read, or what was read within the last second."""

from datetime import UTC, datetime

from anb.db.session import Database
from anb.ports import AccessClaims, Lifetimes
from anb.sessions import store
from anb.sessions.domain import Session, TokenFloor, hash_of
from anb.web.session_check import Caller


class StoredSessions:
    """The sessions of the database, as one process checks them."""

    def __init__(self, database: Database, lifetimes: Lifetimes) -> None:
        self._database = database
        self._lifetimes = lifetimes

    def recent(self, proof: str | AccessClaims) -> Caller | None:
        """Return whose cookie or claims these were found to be within the last second; reads nothing."""
        if isinstance(proof, str):
            return self._caller(self._database.recent.find(hash_of(proof)))
        return self._checked(self._database.recent.find(proof.session_id or proof.account_id), proof)

    def find_cookie(self, secret: str) -> Caller | None:
        """Return who is signed in by this cookie, or None."""

        def read() -> Session | None:
            with self._database.reading() as uow:
                return store.find_by_cookie(uow, secret)

        return self._caller(self._database.recent.read(hash_of(secret), read))

    def check(self, claims: AccessClaims) -> Caller | None:
        """Return who is signed in by this token, or None when its session is over."""

        def read() -> Session | TokenFloor | None:
            with self._database.reading() as uow:
                if claims.session_id is None:
                    return store.token_floor(uow, claims.account_id)
                return store.find(uow, claims.session_id)

        return self._checked(self._database.recent.read(claims.session_id or claims.account_id, read), claims)

    def _checked(self, known: Session | TokenFloor | None, claims: AccessClaims) -> Caller | None:
        if isinstance(known, TokenFloor):
            admitted = known.admits(claims.issued_at)
            return Caller(known.account_id, None, claims.strong, claims.issued_at) if admitted else None
        return self._caller(known)

    def _caller(self, session: Session | None) -> Caller | None:
        if session is None:
            return None
        is_due = datetime.now(UTC) - session.seen_at > self._lifetimes.renewal
        known = (session.account_id, session.id, session.strong, session.authenticated_at)
        return Caller(*known, renewal_due=is_due, confirmed=session.confirmed)
