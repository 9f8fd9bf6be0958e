"""Confirming an address, and choosing a new password by a link."""

from functools import partial
from uuid import UUID

from anb.accounts import email_changes, links, mails, store
from anb.accounts.domain import Account, AccountNotFound
from anb.accounts.links import Link, LinkInvalid, Purpose
from anb.accounts.passwords import is_personal
from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget
from anb.db.session import Database, UnitOfWork
from anb.factors import service as factors
from anb.fields import InvalidField, finding
from anb.logs import record
from anb.ports import Ports
from anb.sentences import Language
from anb.sessions import service as sessions
from anb.sessions.domain import EndReason


def resend_confirmation(uow: UnitOfWork, account_id: UUID) -> None:
    """Send another link to confirm an address; a confirmed one needs none."""
    account = store.get(uow, account_id)
    if account is not None and not account.is_confirmed:
        mails.ask_to_confirm(uow, account)


def open_confirmation(uow: UnitOfWork, token: str) -> None:
    """Check a link that confirms an address. Raises LinkInvalid, LinkExpired, LinkUsed."""
    owner(uow, links.open(uow, Purpose.CONFIRM, token))


def confirm(uow: UnitOfWork, token: str) -> Account:
    """Confirm an address by its link. Raises LinkInvalid, LinkExpired, LinkUsed."""
    account = owner(uow, links.use(uow, Purpose.CONFIRM, token))
    links.void(uow, account.id, Purpose.CONFIRM)
    note_confirmed(uow, account.id)
    return account


def confirm_by_operator(uow: UnitOfWork, email: str, by: AuditActor) -> Account:
    """Confirm the address of an account whose owner an operator knows. Raises AccountNotFound."""
    account = find(uow, email)
    note_confirmed(uow, account.id)
    audit.record(uow, by, Act.EMAIL_CONFIRMED, AuditTarget.account(account.id))
    return account


def note_confirmed(uow: UnitOfWork, account_id: UUID) -> None:
    """Note that an account's address is confirmed."""
    if store.confirm(uow, account_id):
        sessions.note_confirmed(uow, account_id)
        uow.after_commit(partial(record, "accounts.email.confirmed", account_id=account_id))


def ask_reset(uow: UnitOfWork, email: str, language: Language) -> None:
    """Send a link with which to choose a new password; the same work for an address without an account."""
    account, first = store.find(uow, email), store.first_id(uow)
    if account is None:
        mails.tell_no_account(uow, email, language, first)
    else:
        mails.send_reset(uow, account)
    asked = partial(record, "accounts.reset.asked", account_id=account.id if account else None)
    uow.after_commit(asked)


def reset_by_operator(uow: UnitOfWork, email: str, by: AuditActor) -> str:
    """Make a link with which to choose a new password, for an operator to hand over. Raises AccountNotFound."""
    account = find(uow, email)
    uow.after_commit(partial(record, "accounts.reset.asked", account_id=account.id))
    audit.record(uow, by, Act.PASSWORD_LINK_MADE, AuditTarget.account(account.id))
    return mails.reset_link(uow, account.id, account.email)


def open_reset(uow: UnitOfWork, token: str) -> Account:
    """Return the account whose password a link sets. Raises LinkInvalid, LinkExpired, LinkUsed."""
    return owner(uow, links.open(uow, Purpose.RESET, token))


def reset(database: Database, ports: Ports, token: str, password: str) -> Account:
    """Set a new password by a link, end the account's sessions, and tell its owner.

    The link has proved that the address is the person's, so it is confirmed. No transaction is open while hashing.
    Raises LinkInvalid, LinkExpired, LinkUsed, InvalidField.
    """
    with database.reading() as uow:
        refuse_personal(open_reset(uow, token), password)
    hashed = ports.passwords.hash(password)
    with database.transaction() as uow:
        account = owner(uow, links.use(uow, Purpose.RESET, token))
        set_password(uow, account, hashed)
        note_confirmed(uow, account.id)
    return account


def set_password(uow: UnitOfWork, account: Account, hashed: str, keep: UUID | None = None) -> None:
    """Give an account a password, end its sessions except one and its links to set another, and tell its owner.

    A change of address that is under way ends too: the person who asked for it knew the former password.
    """
    store.set_password(uow, account.id, hashed)
    links.void(uow, account.id, Purpose.RESET, Purpose.EMAIL_NEW)
    email_changes.forget(uow, account.id)
    sessions.end_all(uow, account.id, EndReason.PASSWORD_CHANGED, but=keep)
    factors.forget_begun(uow, account.id)  # a second step that the former password began
    mails.tell_password_changed(uow, account)
    uow.after_commit(partial(record, "accounts.password.changed", account_id=account.id))


def refuse_personal(account: Account, password: str) -> None:
    """Refuse the first guesses of anyone who knows the person. Raises InvalidField."""
    if is_personal(password, account.first_name, account.last_name, account.email):
        raise InvalidField({"password1": finding("password_personal")})


def owner(uow: UnitOfWork, link: Link) -> Account:
    """Return the account of a link that was sent to its present address. Raises LinkInvalid."""
    account = named_by(uow, link)
    if account.email != link.facts["email"]:
        raise LinkInvalid
    return account


def named_by(uow: UnitOfWork, link: Link) -> Account:
    """Return the account of a link, whatever its address is now. Raises LinkInvalid."""
    account = None if link.account_id is None else store.get(uow, link.account_id)
    if account is None:
        raise LinkInvalid
    return account


def find(uow: UnitOfWork, email: str) -> Account:
    """Return the account of an e-mail. Raises AccountNotFound."""
    account = store.find(uow, email)
    if account is None:
        raise AccountNotFound
    return account
