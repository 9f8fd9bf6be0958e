"""The mails of accounts, each posted in the transaction that is its reason."""

from datetime import UTC, datetime
from uuid import UUID

from anb.accounts import links
from anb.accounts.domain import (
    CONFIRM_HOURS,
    EMAIL_HOURS,
    INVITE_DAYS,
    KEEP_DAYS,
    RESET_HOURS,
    Account,
    Role,
    recipient,
)
from anb.accounts.links import Purpose
from anb.db.session import UnitOfWork
from anb.mail import service as mail
from anb.mail.domain import Facts, MailKind, NewMail, Recipient
from anb.sentences import Language

HOUR, DAY = 3600, 24 * 3600


def ask_to_confirm(uow: UnitOfWork, account: Account) -> None:
    """Send the link that confirms an account's address."""
    _send(uow, MailKind.CONFIRM_EMAIL, account, link=confirm_link(uow, account), hours=CONFIRM_HOURS)


def confirm_link(uow: UnitOfWork, account: Account) -> str:
    """Make the link that confirms an address, as a path of the site."""
    token = links.make(uow, Purpose.CONFIRM, account.id, {"email": account.email}, CONFIRM_HOURS * HOUR)
    return f"/account/confirm?token={token}"


def send_reset(uow: UnitOfWork, account: Account) -> None:
    """Send the link with which to choose a new password.

    The mail does not name the account: PostgreSQL would look up its row, in time that a stranger could measure.
    """
    facts: Facts = {"link": reset_link(uow, account.id, account.email), "hours": RESET_HOURS}
    to = Recipient(None, account.email, account.first_name, account.language)
    mail.post(uow, NewMail(MailKind.RESET_PASSWORD, to, facts))


def reset_link(uow: UnitOfWork, account_id: UUID | None, email: str) -> str:
    """Make the link with which to choose a new password, as a path of the site."""
    token = links.make(uow, Purpose.RESET, account_id, {"email": email}, RESET_HOURS * HOUR)
    return f"/account/reset?token={token}"


def tell_no_account(uow: UnitOfWork, email: str, language: Language, any_account: UUID | None) -> None:
    """Tell an address for which a new password was asked that no account has it: the work of `send_reset`.

    The unsent link names `any_account`, whose row PostgreSQL then looks up as it does for a real link.
    """
    links.make(uow, Purpose.RESET, any_account, {"email": ""}, 0)
    mail.post(uow, NewMail(MailKind.NO_ACCOUNT, Recipient(None, email, "", language), {"link": "/signup"}))


def tell_account_exists(uow: UnitOfWork, email: str, language: Language) -> None:
    """Tell the owner of an address, with which another account was wanted, that one exists: the work of asking it."""
    _unsent_link(uow, email)
    mail.post(uow, NewMail(MailKind.ACCOUNT_EXISTS, Recipient(None, email, "", language), {"link": "/forgot"}))


def tell_password_changed(uow: UnitOfWork, account: Account) -> None:
    """Tell an account's owner that the password has changed."""
    _send(uow, MailKind.PASSWORD_CHANGED, account, link="/forgot")


def tell_new_device(uow: UnitOfWork, account: Account, device: str) -> None:
    """Tell a person of a sign-in from a browser that was not known, once a day for each kind of browser."""
    to, facts = recipient(account), {"device": device or "?", "link": "/account"}
    once = f"{MailKind.NEW_DEVICE}:{account.id}:{device}:{datetime.now(UTC):%F}"
    mail.post(uow, NewMail(MailKind.NEW_DEVICE, to, facts, once))


def ask_new_address(uow: UnitOfWork, account: Account, email: str) -> None:
    """Ask a new address to accept the change."""
    facts = {"email": email, "before": account.email}
    token = links.make(uow, Purpose.EMAIL_NEW, account.id, facts, EMAIL_HOURS * HOUR)
    told: Facts = {"link": f"/account/email/confirm?token={token}", "hours": EMAIL_HOURS}
    mail.post(uow, NewMail(MailKind.EMAIL_CHANGE_NEW, recipient(account, email), told))


def ask_old_address(uow: UnitOfWork, account: Account, email: str, wait_days: int) -> None:
    """Ask the present address to approve a change, or to stop it; later, the same link takes it back."""
    facts = {"email": account.email, "after": email}
    days = EMAIL_HOURS // 24 + wait_days + KEEP_DAYS  # until the new one accepts, until it takes effect, and after
    token = links.make(uow, Purpose.EMAIL_OLD, account.id, facts, days * DAY)
    _send(uow, MailKind.EMAIL_CHANGE_OLD, account, link=f"/account/email/stop?token={token}", days=wait_days)


def send_invitation(uow: UnitOfWork, email: str, role: Role, language: Language) -> str:
    """Invite a person who has no account; return the link as a path of the site."""
    facts = {"email": email, "role": role.value}
    link = f"/account/invitation?token={links.make(uow, Purpose.INVITE, None, facts, INVITE_DAYS * DAY)}"
    to = Recipient(None, email, "", language)
    mail.post(uow, NewMail(MailKind.INVITATION, to, {"link": link, "days": INVITE_DAYS}))
    return link


def _unsent_link(uow: UnitOfWork, email: str) -> None:
    """Make a link that is sent to no one and valid for no account, so that the work is the same."""
    links.make(uow, Purpose.RESET, None, {"email": email}, 0)


def _send(uow: UnitOfWork, kind: MailKind, account: Account, **facts: str | int) -> None:
    mail.post(uow, NewMail(kind, recipient(account), facts))
