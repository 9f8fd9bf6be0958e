"""The operations on a mail: post, claim, finish, retry, and what operators do."""

import random
import secrets
from collections.abc import Collection, Sequence
from uuid import UUID

from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget, TargetKind
from anb.db.session import UnitOfWork
from anb.logs import logger
from anb.mail import store
from anb.mail.domain import (
    OPTIONAL,
    RULES,
    HeldMail,
    MailFigures,
    MailKind,
    MailNotDead,
    MailNotFound,
    MailRecord,
    MailState,
    NewMail,
    retry_delay,
)
from anb.mail.figures import read_figures
from anb.settings.mail import SenderSettings

log = logger(__name__)


def post(uow: UnitOfWork, mail: NewMail) -> UUID:
    """Write a mail in the caller's transaction: it is sent once that commits, and never if it does not.

    Returns the id of the mail, or of the earlier one with the same key `once`.
    """
    can_stop = not RULES[mail.kind].necessary and mail.to.account_id is not None
    return store.add(uow, mail, secrets.token_urlsafe(32) if can_stop else None)


def claim(uow: UnitOfWork, settings: SenderSettings, sender: str) -> HeldMail | None:
    """Claim the mail that comes next, after queueing again those whose sender died; None when no mail is due."""
    for mail_id in store.rescue(uow, settings.mail_attempts):
        log.warning("mail.rescued", mail_id=str(mail_id))
    return store.claim(uow, sender, settings.mail_lease_seconds)


def finish(uow: UnitOfWork, held: HeldMail) -> bool:
    """End a mail that the mail server has taken; False when another sender has it by now."""
    return store.finish(uow, held, MailState.SENT)


def drop(uow: UnitOfWork, held: HeldMail) -> bool:
    """End a mail of a kind that its recipient has switched off."""
    return store.finish(uow, held, MailState.UNWANTED)


def release(uow: UnitOfWork, held: HeldMail) -> bool:
    """Return a mail without an attempt, because the mail server does not let us in."""
    return store.release(uow, held)


def refuse(uow: UnitOfWork, held: HeldMail, failure: str) -> bool:
    """End a mail that can never be sent; it waits for an operator."""
    return store.discard(uow, held, failure)


def retry(uow: UnitOfWork, settings: SenderSettings, held: HeldMail, failure: str) -> bool:
    """Queue a mail again with a growing delay, or discard it when all its attempts are used up."""
    if held.faults + 1 >= settings.mail_attempts:
        return store.discard(uow, held, failure)
    delay = retry_delay(held.faults + 1, random.random())  # noqa: S311 - spreads retries, guards nothing
    return store.retry(uow, held, failure, delay)


def hold(uow: UnitOfWork) -> int:
    """Hold the queued mails until a mail server is set."""
    return store.hold(uow)


def end_hold(uow: UnitOfWork) -> int:
    """Queue the held mails: a mail server is set now."""
    return store.end_hold(uow)


def try_again(uow: UnitOfWork, mail_id: UUID, by: AuditActor) -> MailRecord:
    """Queue a dead mail again, with all its attempts. Raises MailNotFound, MailNotDead."""
    if not store.revive(uow, mail_id):
        raise MailNotDead(state=show(uow, mail_id).state.value)
    audit.record(uow, by, Act.MAIL_RETRIED, AuditTarget(TargetKind.MAIL, str(mail_id)))
    return show(uow, mail_id)


def dismiss(uow: UnitOfWork, mail_id: UUID, by: AuditActor, reason: str = "") -> MailRecord:
    """End a dead mail for good; its row forgets what is personal in it. Raises MailNotFound, MailNotDead."""
    if not store.dismiss(uow, mail_id):
        raise MailNotDead(state=show(uow, mail_id).state.value)
    audit.record(uow, by, Act.MAIL_DISMISSED, AuditTarget(TargetKind.MAIL, str(mail_id)), reason)
    return show(uow, mail_id)


def show(uow: UnitOfWork, mail_id: UUID) -> MailRecord:
    """Return a mail. Raises MailNotFound."""
    found = store.record(uow, mail_id)
    if found is None:
        raise MailNotFound
    return found


def list_all(uow: UnitOfWork, states: Sequence[MailState], limit: int) -> list[MailRecord]:
    """Return mails in some states, newest first."""
    return store.records(uow, states, limit)


def figures(uow: UnitOfWork) -> MailFigures:
    """Return figures about the outbox."""
    return read_figures(uow)


def purge(uow: UnitOfWork, settings: SenderSettings) -> int:
    """Delete the rows of mails that ended long ago; return how many."""
    return store.purge(uow, settings.mail_kept_days * 24 * 3600)


def switched_off(uow: UnitOfWork, account_id: UUID) -> set[MailKind]:
    """Return the kinds that a person has switched off."""
    return store.switched_off(uow, account_id)


def choose(uow: UnitOfWork, account_id: UUID, wanted: Collection[MailKind]) -> None:
    """Switch on the kinds that a person wants, and off all others that can be switched off."""
    store.switch_on(uow, account_id, [kind for kind in OPTIONAL if kind in wanted])
    store.switch_off(uow, account_id, [kind for kind in OPTIONAL if kind not in wanted])


def kind_to_stop(uow: UnitOfWork, token: str) -> MailKind | None:
    """Return the kind that the token of a mail switches off; None when the mail is not known any more."""
    found = store.find_stop(uow, token)
    return None if found is None else found[1]


def stop(uow: UnitOfWork, token: str) -> MailKind | None:
    """Switch off the kind of the mail whose token this is; return it, or None when the mail is not known any more."""
    found = store.find_stop(uow, token)
    if found is None:
        return None
    account_id, kind = found
    store.switch_off(uow, account_id, [kind])
    return kind
