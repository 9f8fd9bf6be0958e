"""What an account's owner changes: the password, and the e-mail address."""

from functools import partial
from uuid import UUID

from anb.accounts import links, mails, recovery, store
from anb.accounts.domain import Account, EmailTaken, WrongPassword
from anb.accounts.links import LinkInvalid, Purpose
from anb.accounts.service import is_taken, matches, who
from anb.db.session import Database, UnitOfWork
from anb.factors import service as factors
from anb.fields import InvalidField, finding
from anb.logs import record
from anb.ports import Ports
from anb.sessions import service as sessions
from anb.sessions.domain import EndReason


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


def ask_new_email(uow: UnitOfWork, account_id: UUID, email: str) -> None:
    """Ask a new address to accept a change, and tell the present one. Raises InvalidField for the present one.

    An address that another account has gets another mail, after the same work, and the caller learns nothing.
    """
    account = who(uow, account_id)
    if email == account.email:
        raise InvalidField({"email": finding("email_same")})
    links.void(uow, account_id, Purpose.EMAIL_NEW)
    if is_taken(uow, email, but=account_id):
        mails.tell_account_exists(uow, email, account.language)
    else:
        mails.ask_new_address(uow, account, email)
    mails.tell_old_address(uow, account)
    uow.after_commit(partial(record, "accounts.email.change_asked", account_id=account_id))


def open_new_email(uow: UnitOfWork, token: str) -> None:
    """Check a link by which a new address accepts the change. Raises LinkInvalid, LinkExpired, LinkUsed."""
    _changing(uow, links.open(uow, Purpose.EMAIL_NEW, token))


def accept_new_email(uow: UnitOfWork, token: str) -> Account:
    """Change an address, by the link that the new one got. Raises LinkInvalid, LinkExpired, LinkUsed, EmailTaken."""
    link = links.open(uow, Purpose.EMAIL_NEW, token)
    account, email = _changing(uow, link), str(link.facts["email"])
    _refuse_taken(uow, account, email)
    links.use(uow, Purpose.EMAIL_NEW, token)
    _set_email(uow, account, email)
    links.void(uow, account.id, Purpose.RESET, Purpose.CONFIRM)
    return account


def open_stop(uow: UnitOfWork, token: str) -> None:
    """Check a link by which a former address stops a change. Raises LinkInvalid, LinkExpired, LinkUsed."""
    links.open(uow, Purpose.EMAIL_OLD, token)


def stop_email_change(uow: UnitOfWork, token: str) -> str:
    """Stop a change of address, or take it back, and end all sessions: a stranger knew the password.

    Only links made later are ended, because the stranger may hold those: an earlier address can still take the account
    back. Returns the link with which to choose another password. Raises LinkInvalid, LinkExpired, LinkUsed, EmailTaken.
    """
    link = links.open(uow, Purpose.EMAIL_OLD, token)
    account, email = recovery.named_by(uow, link), str(link.facts["email"])
    _refuse_taken(uow, account, email)
    links.use(uow, Purpose.EMAIL_OLD, token)
    if account.email != email:
        _set_email(uow, account, email)
    links.void(uow, account.id, Purpose.EMAIL_NEW, Purpose.RESET)
    links.void(uow, account.id, Purpose.EMAIL_OLD, since=link.created_at)
    sessions.end_all(uow, account.id, EndReason.EMAIL_CHANGED)
    factors.forget_begun(uow, account.id)
    uow.after_commit(partial(record, "accounts.email.change_stopped", account_id=account.id))
    return mails.reset_link(uow, account.id, email)


def _changing(uow: UnitOfWork, link: links.Link) -> Account:
    """Return the account that a link changes, if it still has the address of then. Raises LinkInvalid."""
    account = recovery.named_by(uow, link)
    if account.email != link.facts["before"]:
        raise LinkInvalid
    return account


def _refuse_taken(uow: UnitOfWork, account: Account, email: str) -> None:
    """Refuse an address that another account has or may take back. Raises EmailTaken."""
    if is_taken(uow, email, but=account.id):
        raise EmailTaken


def _set_email(uow: UnitOfWork, account: Account, email: str) -> None:
    """Change an address. Raises EmailTaken when another account took it in this moment."""
    if not store.set_email(uow, account.id, email):
        raise EmailTaken
    uow.after_commit(partial(record, "accounts.email.changed", account_id=account.id))
