"""A change of address: the new one accepts it, and the former one approves it, refuses it or lets the days pass.

Each act runs while the account is locked, so that of two answers at one moment the second sees the first.
"""

from datetime import datetime
from functools import partial
from uuid import UUID

from anb.accounts import email_changes, links, mails, recovery, store
from anb.accounts.domain import Account, AccountNotFound, EmailTaken
from anb.accounts.email_changes import EmailChange
from anb.accounts.links import Link, LinkInvalid, Purpose
from anb.accounts.service import is_taken, lock_account, who
from anb.db.session import Database, UnitOfWork
from anb.factors import service as factors
from anb.fields import InvalidField, finding
from anb.logs import logger, record
from anb.sessions import service as sessions
from anb.sessions.domain import EndReason

log = logger(__name__)

AT_ONCE = 100


def ask(uow: UnitOfWork, account_id: UUID, email: str, wait_days: int) -> None:
    """Ask a new address to accept a change, and the present one to approve it. Raises InvalidField for the same one.

    An address that another account has gets another mail, after the same work, and the caller learns nothing.
    """
    lock_account(uow, account_id)
    account = who(uow, account_id)
    if email == account.email:
        raise InvalidField({"email": finding("email_same")})
    links.void(uow, account_id, Purpose.EMAIL_NEW)
    email_changes.begin(uow, account_id, email, wait_days)
    if is_taken(uow, email, but=account_id):
        mails.tell_account_exists(uow, email, account.language)
    else:
        mails.ask_new_address(uow, account, email)
    mails.ask_old_address(uow, account, email, wait_days)
    uow.after_commit(partial(record, "accounts.email.change_asked", account_id=account_id))


def find(uow: UnitOfWork, account_id: UUID) -> EmailChange | None:
    """Return the change of an account's address that is under way."""
    return email_changes.find(uow, account_id)


def cancel(uow: UnitOfWork, account_id: UUID) -> None:
    """Give a change up; harmless when none is under way."""
    lock_account(uow, account_id)
    links.void(uow, account_id, Purpose.EMAIL_NEW)
    if email_changes.forget(uow, account_id):
        uow.after_commit(partial(record, "accounts.email.change_cancelled", account_id=account_id))


def open_acceptance(uow: UnitOfWork, token: str) -> None:
    """Check a link by which a new address accepts the change. Raises LinkInvalid, LinkExpired, LinkUsed."""
    _change(uow, links.open(uow, Purpose.EMAIL_NEW, token))


def accept(uow: UnitOfWork, token: str) -> datetime | None:
    """Accept a change, by the link that the new address got; return until when it waits for the former address, if so.

    An address that was never confirmed is not waited for: no person has proved to read it.
    Raises LinkInvalid, LinkExpired, LinkUsed, EmailTaken.
    """
    link = links.open(uow, Purpose.EMAIL_NEW, token)
    account, change = _change(uow, link, lock=True)
    if is_taken(uow, change.email, but=account.id):
        raise EmailTaken
    links.use(uow, Purpose.EMAIL_NEW, token)
    if change.approved_at is not None or not account.is_confirmed:
        _take_effect(uow, account, change.email)
        return None
    uow.after_commit(partial(record, "accounts.email.change_accepted", account_id=account.id))
    return email_changes.accept(uow, account.id)


def open_answer(uow: UnitOfWork, token: str) -> EmailChange | None:
    """Check a link by which a former address answers; return the change, if there is still one to approve.

    Raises LinkInvalid, LinkExpired, LinkUsed.
    """
    link = links.open(uow, Purpose.EMAIL_OLD, token)
    try:
        return _change(uow, link)[1]
    except LinkInvalid:
        recovery.named_by(uow, link)
        return None


def approve(uow: UnitOfWork, token: str) -> bool:
    """Approve a change from the former address; say whether it took effect, or waits for the new one.

    The link stays, because it also takes the change back. Raises LinkInvalid, LinkExpired, LinkUsed, EmailTaken.
    """
    link = links.open(uow, Purpose.EMAIL_OLD, token)
    account, change = _change(uow, link, lock=True)
    uow.after_commit(partial(record, "accounts.email.change_approved", account_id=account.id))
    if change.accepted_at is None:
        email_changes.approve(uow, account.id)
        return False
    _take_effect(uow, account, change.email)
    return True


def stop(uow: UnitOfWork, token: str) -> str:
    """Stop a change of address, or take it back, and end all sessions: a stranger knew the password.

    Only links made later are ended, because the stranger may hold those: an earlier address can still take the account
    back. Returns the link with which to choose another password. Raises LinkInvalid, LinkExpired, LinkUsed, EmailTaken.
    """
    link = links.open(uow, Purpose.EMAIL_OLD, token)
    account, email = _locked(uow, link), str(link.facts["email"])
    if is_taken(uow, email, but=account.id):
        raise EmailTaken
    links.use(uow, Purpose.EMAIL_OLD, token)
    if account.email != email:
        _set_email(uow, account, email)
    email_changes.forget(uow, account.id)
    links.void(uow, account.id, Purpose.EMAIL_NEW, Purpose.RESET)
    links.void(uow, account.id, Purpose.EMAIL_OLD, since=link.created_at)
    sessions.end_all(uow, account.id, EndReason.EMAIL_CHANGED)
    factors.forget_begun(uow, account.id)
    uow.after_commit(partial(record, "accounts.email.change_stopped", account_id=account.id))
    return mails.reset_link(uow, account.id, email)


def run_due(database: Database) -> int:
    """Let the changes take effect whose days have passed, and return how many; delete those not accepted in time.

    Any number of processes may: the account's lock lets one of them take each change.
    """
    with database.transaction() as uow:
        email_changes.purge(uow)
        due = email_changes.list_due(uow, AT_ONCE)
    return sum(_finish(database, account_id) for account_id in due)


def _finish(database: Database, account_id: UUID) -> bool:
    try:
        with database.transaction() as uow:
            lock_account(uow, account_id)
            change = email_changes.find(uow, account_id) if email_changes.is_due(uow, account_id) else None
            if change is not None:
                _take_effect(uow, who(uow, account_id), change.email)
    except (AccountNotFound, EmailTaken) as refusal:  # it was erased, or another got the address: nothing to wait for
        log.warning("accounts.email.change_lost", account_id=str(account_id), code=refusal.code)
        with database.transaction() as uow:
            email_changes.forget(uow, account_id)
        return False
    return change is not None


def _change(uow: UnitOfWork, link: Link, *, lock: bool = False) -> tuple[Account, EmailChange]:
    """Return the account of a link and the change that it answers, if that is still under way. Raises LinkInvalid."""
    account = _locked(uow, link) if lock else recovery.named_by(uow, link)
    before, after = (("before", "email"), ("email", "after"))[link.purpose is Purpose.EMAIL_OLD]
    change = email_changes.find(uow, account.id)
    if change is None or account.email != link.facts.get(before) or change.email != link.facts.get(after):
        raise LinkInvalid
    return account, change


def _locked(uow: UnitOfWork, link: Link) -> Account:
    """Return the account of a link, locked until this transaction ends. Raises LinkInvalid."""
    if not store.lock(uow, recovery.named_by(uow, link).id):  # erased at this moment
        raise LinkInvalid
    return recovery.named_by(uow, link)


def _take_effect(uow: UnitOfWork, account: Account, email: str) -> None:
    """Change the address. Raises EmailTaken."""
    _set_email(uow, account, email)
    email_changes.forget(uow, account.id)
    links.void(uow, account.id, Purpose.EMAIL_NEW, Purpose.RESET, Purpose.CONFIRM)


def _set_email(uow: UnitOfWork, account: Account, email: str) -> None:
    """Change an address. Raises EmailTaken when another account took it in this moment."""
    if not store.set_email(uow, account.id, email):
        raise EmailTaken
    uow.after_commit(partial(record, "accounts.email.changed", account_id=account.id))
