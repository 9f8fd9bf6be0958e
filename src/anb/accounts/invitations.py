"""Inviting a person: a link that creates an account, with a role and a confirmed address."""

from functools import partial
from typing import NamedTuple

from anb.accounts import links, mails, recovery, store
from anb.accounts.domain import Account, EmailTaken, NewAccount, Role
from anb.accounts.links import LinkInvalid, Purpose
from anb.accounts.service import add_account, is_taken
from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget, TargetKind
from anb.db.session import Database, UnitOfWork
from anb.logs import record
from anb.ports import Ports
from anb.sentences import DEFAULT, Language


class Invitation(NamedTuple):
    """The address that is invited, and its role."""

    email: str
    role: Role


def invite(uow: UnitOfWork, email: str, role: Role, by: AuditActor, language: Language = DEFAULT) -> str:
    """Invite an address without an account; return the link, as a path of the site. Raises EmailTaken."""
    if is_taken(uow, email):
        raise EmailTaken
    uow.after_commit(partial(record, "accounts.invitation.sent", role=role.value))
    path = mails.send_invitation(uow, email, role, language)
    invitation = AuditTarget(TargetKind.INVITATION, links.name_of(path.partition("token=")[2]))
    audit.record(uow, by, Act.PERSON_INVITED, invitation, details={"role": role.value})
    return path


def open_invitation(uow: UnitOfWork, token: str) -> Invitation:
    """Read an invitation. Raises LinkInvalid, LinkExpired, LinkUsed."""
    return _invitation(links.open(uow, Purpose.INVITE, token))


def hash_for_invited(database: Database, ports: Ports, token: str, new: NewAccount) -> str:
    """Hash the password for an invitation that can be used. Raises LinkInvalid, LinkExpired, LinkUsed."""
    with database.reading() as uow:
        if open_invitation(uow, token).email != new.email:
            raise LinkInvalid
    return ports.passwords.hash(new.password)


def sign_up(database: Database, ports: Ports, token: str, new: NewAccount) -> Account:
    """Create the account of an invitation; it answers nothing that a season asks.

    Raises LinkInvalid, LinkExpired, LinkUsed, EmailTaken.
    """
    hashed = hash_for_invited(database, ports, token, new)
    with database.transaction() as uow:
        return accept(uow, token, new, hashed)


def accept(uow: UnitOfWork, token: str, new: NewAccount, hashed: str) -> Account:
    """Create the account of an invitation; the link has proved the address.

    Raises LinkInvalid, LinkExpired, LinkUsed, EmailTaken.
    """
    invited = _invitation(links.use(uow, Purpose.INVITE, token))
    if invited.email != new.email:
        raise LinkInvalid
    account = add_account(uow, new, hashed)
    recovery.note_confirmed(uow, account.id)
    if invited.role is not Role.PLAYER:
        store.set_role(uow, new.email, invited.role)
        uow.after_commit(partial(record, "accounts.role.given", account_id=account.id, role=invited.role.value))
        invitation = AuditTarget(TargetKind.INVITATION, links.name_of(token), account.id)
        by = AuditActor(account.username, invited.role.value, account.id)
        audit.record(uow, by, Act.INVITATION_ACCEPTED, invitation, details={"role": invited.role.value})
    return account


def _invitation(link: links.Link) -> Invitation:
    return Invitation(str(link.facts["email"]), Role(link.facts["role"]))
