"""A guardian who agreed takes it back, by a link in the mail that thanked them."""

from functools import partial
from uuid import UUID

from anb.accounts import links
from anb.accounts import service as accounts
from anb.accounts.domain import recipient
from anb.accounts.links import Purpose
from anb.consents import store
from anb.consents.domain import Answer, Guardian
from anb.db.session import UnitOfWork
from anb.logs import record
from anb.mail import service as mail
from anb.mail.domain import MailKind, NewMail, Recipient

END_DAYS = 19 * 366  # how long the link works: as long as anyone is a minor
DAY = 24 * 3600


def guardian_who_agreed(uow: UnitOfWork, token: str) -> Guardian:
    """Return the guardian of a link that takes a permission back. Raises LinkInvalid, LinkExpired, LinkUsed."""
    guardian = of_link(uow, links.open(uow, Purpose.GUARDIAN_END, token))
    if guardian.answer is not Answer.CONFIRMED:
        raise links.LinkUsed
    return guardian


def take_back(uow: UnitOfWork, token: str) -> UUID:
    """Take a guardian's permission back, tell the player, and return their account, locked as in `answer_as_guardian`.

    What was agreed stays as proof. Raises LinkInvalid, LinkExpired, LinkUsed.
    """
    guardian = guardian_who_agreed(uow, token)
    accounts.lock_account(uow, guardian.account_id)
    links.use(uow, Purpose.GUARDIAN_END, token)
    if not store.take_back(uow, guardian.id):
        raise links.LinkUsed
    player = accounts.who(uow, guardian.account_id)
    mail.post(uow, NewMail(MailKind.GUARDIAN_ENDED, recipient(player), {"link": "/account/consent"}))
    uow.after_commit(partial(record, "consents.guardian.ended", account_id=player.id))
    return player.id


def thank(uow: UnitOfWork, guardian: Guardian) -> None:
    """Mail a guardian who agreed, with the link that takes it back."""
    to = Recipient(None, guardian.email, guardian.name, guardian.language)
    facts = {"player": accounts.who(uow, guardian.account_id).shown_name, "link": end_link(uow, guardian)}
    mail.post(uow, NewMail(MailKind.GUARDIAN_THANKED, to, facts))


def end_link(uow: UnitOfWork, guardian: Guardian) -> str:
    """Make the link with which a guardian who agreed takes it back, as a path of the site."""
    facts = {"guardian_id": str(guardian.id)}
    return "/guardian/end?token=" + links.make(uow, Purpose.GUARDIAN_END, guardian.account_id, facts, END_DAYS * DAY)


def of_link(uow: UnitOfWork, link: links.Link) -> Guardian:
    """Return the guardian of a link, who must be the one who was asked last. Raises LinkInvalid."""
    guardian = store.latest_guardian(uow, link.account_id) if link.account_id else None
    if guardian is None or str(guardian.id) != link.facts["guardian_id"]:
        raise links.LinkInvalid
    return guardian
