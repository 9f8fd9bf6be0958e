"""Giving the password again, and changing it; changing_email.py changes the address."""

from uuid import UUID

from anb.accounts import recovery, store
from anb.accounts.domain import WrongPassword
from anb.accounts.service import matches, who
from anb.db.session import Database
from anb.logs import record
from anb.ports import Ports
from anb.sessions import service as sessions


def prove(database: Database, ports: Ports, account_id: UUID, password: str) -> None:
    """Check the password of an account again. Raises WrongPassword."""
    with database.reading() as uow:
        hashed = store.password_hash(uow, account_id)
    if not matches(ports, hashed, password):
        record("accounts.password.refused", account_id=account_id)
        raise WrongPassword


def authenticate_again(
    database: Database, ports: Ports, account_id: UUID, session_id: UUID | None, password: str
) -> None:
    """Note in a session that its owner has given the password again. Raises WrongPassword."""
    prove(database, ports, account_id, password)
    if session_id is not None:
        with database.transaction() as uow:
            sessions.mark_authenticated(uow, session_id)
    record("accounts.password.proved", account_id=account_id)


def change_password(
    database: Database, ports: Ports, account_id: UUID, session_id: UUID | None, old: str, new: str
) -> None:
    """Change a password, end the other sessions, and tell the owner. Raises WrongPassword, InvalidField."""
    prove(database, ports, account_id, old)
    with database.reading() as uow:
        recovery.refuse_personal(who(uow, account_id), new)
    hashed = ports.passwords.hash(new)
    with database.transaction() as uow:
        recovery.set_password(uow, who(uow, account_id), hashed, keep=session_id)
        if session_id is not None:
            sessions.mark_authenticated(uow, session_id)
