"""The acts of organizers and administrators on accounts: those of `anb user`, each with the check of the actor's role.

What changes a person's rights, opens their account or destroys it is an administrator's. Each act locks the account.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anb.accounts import authority, directory, invitations, profile, recovery, security
from anb.accounts import service as accounts
from anb.accounts.directory import AccountFilter, ListedAccount
from anb.accounts.domain import Account, Actor, LastAdministrator, Role, auditor
from anb.accounts.invitations import Invitation
from anb.accounts.profile import ProfileChange
from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget
from anb.consents import service as consents
from anb.consents.domain import BirthYearWrong
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.factors import service as factors
from anb.ports import Ports
from anb.privacy import erasure, export
from anb.privacy.domain import Erasure, Export
from anb.sentences import Language
from anb.sessions import service as sessions
from anb.sessions.domain import EndReason
from anb.settings import Settings
from anb.settings.factors import GuardedRoles


@dataclass(frozen=True)
class AccountDetails:
    """An account, and what else an organizer needs to judge a request of its owner."""

    account: Account
    birth_year: int | None
    has_second_factor: bool
    sessions: int  # that are open
    erased_from: datetime | None  # when its erasure begins, if one is asked for
    changes: Sequence[ProfileChange]


def search(uow: UnitOfWork, wanted: AccountFilter, page: Page) -> Listed[ListedAccount]:
    """Return the accounts that fit, newest first. Raises InvalidPage."""
    return directory.search(uow, wanted, page)


def show(uow: UnitOfWork, account_id: UUID) -> AccountDetails:
    """Return an account with what an organizer needs to judge a request of its owner. Raises AccountNotFound."""
    account, asked = accounts.who(uow, account_id), erasure.pending(uow, account_id)
    return AccountDetails(
        account=account,
        birth_year=profile.birth_year(uow, account_id),
        has_second_factor=factors.has_factor(uow, account_id),
        sessions=len(sessions.list_open(uow, account_id)),
        erased_from=None if asked is None else asked.starts_at,
        changes=profile.history(uow, account_id),
    )


def confirm(uow: UnitOfWork, actor: Actor, account_id: UUID) -> None:
    """Confirm the address of a person whom an organizer knows. Raises what `lock_for_organizer` does."""
    account = authority.lock_for_organizer(uow, actor, account_id)
    recovery.confirm_by_operator(uow, account.email, _auditor(uow, actor))


def end_sessions(uow: UnitOfWork, actor: Actor, account_id: UUID) -> int:
    """Sign a person out everywhere; return how many sessions ended. Raises what `lock_for_organizer` does."""
    authority.lock_for_organizer(uow, actor, account_id)
    ended = sessions.end_all(uow, account_id, EndReason.ENDED_BY_OPERATOR)
    _record(uow, actor, Act.SESSIONS_ENDED, account_id, ended=ended)
    return ended


def correct_birth_year(uow: UnitOfWork, settings: Settings, actor: Actor, account_id: UUID, year: int) -> None:
    """Correct a year of birth; clips that waited for a guardian follow within seconds.

    The history names the organizer by their id, which stays when they leave. Raises BirthYearWrong, and what
    `lock_for_organizer` does.
    """
    authority.lock_for_organizer(uow, actor, account_id)
    if year > consents.rule_of(uow, settings).year:
        raise BirthYearWrong
    profile.correct_birth_year(uow, account_id, year, str(actor.account_id))
    _record(uow, actor, Act.BIRTH_YEAR_CORRECTED, account_id)


def unlock(uow: UnitOfWork, actor: Actor, account_id: UUID) -> int:
    """Remove every second factor of a person who has lost them; return how many there were.

    An organizer may unlock a player. A person with more rights loses them with the factors: that is an administrator's.
    Raises OrganizersOnly, AdministratorsOnly, SecondFactorNeeded, AccountNotFound, OwnRole, LastAdministrator.
    """
    administrators = authority.lock_administrators(uow)
    account = authority.lock_for_organizer(uow, actor, account_id)
    if not account.is_player:
        authority.lock_for_role(uow, actor, account_id)
        _keep_one(uow, administrators, account_id)
    _, removed = security.unlock(uow, account.email, _auditor(uow, actor))
    return removed


def give_role(
    uow: UnitOfWork, guarded: GuardedRoles, actor: Actor, account_id: UUID, role: Role, reason: str = ""
) -> None:
    """Give a person a role; one that needs a second factor only once they have one.

    Raises AdministratorsOnly, SecondFactorNeeded, AccountNotFound, OwnRole, LastAdministrator, FactorMissing.
    """
    administrators = authority.lock_administrators(uow)
    account = authority.lock_for_role(uow, actor, account_id)
    _keep_one(uow, administrators, account_id)
    security.give_role(uow, guarded, account.email, role, _auditor(uow, actor), reason=reason)


def help_in(uow: UnitOfWork, settings: Settings, actor: Actor, account_id: UUID) -> str | None:
    """Mail a person the link that sets another password; where no mail is sent, return it, as a path of the site.

    Raises AdministratorsOnly, SecondFactorNeeded, AccountNotFound.
    """
    account = authority.lock_for_administrator(uow, actor, account_id)
    if not settings.sends_mail:
        return recovery.reset_by_operator(uow, account.email, _auditor(uow, actor))
    recovery.ask_reset(uow, account.email, account.language)
    _record(uow, actor, Act.PASSWORD_LINK_MADE, account_id, mailed=True)
    return None


def ask_guardian(uow: UnitOfWork, settings: Settings, actor: Actor, account_id: UUID) -> str | None:
    """Ask the guardian of a player again by mail; where no mail is sent, return the link, as a path of the site.

    Raises AdministratorsOnly, SecondFactorNeeded, AccountNotFound, GuardianNeeded.
    """
    authority.lock_for_administrator(uow, actor, account_id)
    _record(uow, actor, Act.GUARDIAN_LINK_MADE, account_id, mailed=settings.sends_mail)
    if not settings.sends_mail:
        return consents.link_for_operator(uow, settings, account_id)
    consents.remind_guardian(uow, settings, account_id)
    return None


def ask_export(uow: UnitOfWork, actor: Actor, account_id: UUID) -> Export:
    """Ask for the archive of a person's data, which only they can fetch: a mail and their page say when it is ready.

    Raises AdministratorsOnly, SecondFactorNeeded, AccountNotFound, ExportAskedAlready.
    """
    authority.lock_for_administrator(uow, actor, account_id)
    asked = export.ask(uow, account_id)
    _record(uow, actor, Act.EXPORT_ASKED, account_id)
    return asked


def ask_erasure(
    uow: UnitOfWork, ports: Ports, settings: Settings, actor: Actor, account_id: UUID, reason: str
) -> Erasure:
    """Ask for the erasure of an account, as its owner may: after the grace period, unless they sign in before.

    Raises AdministratorsOnly, SecondFactorNeeded, AccountNotFound, LastAdministrator, ErasureAskedAlready, NoKeyHere.
    """
    administrators = authority.lock_administrators(uow)
    authority.lock_for_administrator(uow, actor, account_id)
    _keep_one(uow, administrators, account_id)
    asked = erasure.ask(uow, ports, settings, account_id, by=erasure.ADMINISTRATOR)
    _record(uow, actor, Act.ERASURE_ASKED, account_id, reason)
    return asked


def invite(uow: UnitOfWork, settings: Settings, actor: Actor, wanted: Invitation, language: Language) -> str | None:
    """Invite a person who has no account; where no mail is sent, return the link, as a path of the site.

    Raises AdministratorsOnly, SecondFactorNeeded, EmailTaken.
    """
    authority.check_administrator(uow, actor)
    link = invitations.invite(uow, *wanted, _auditor(uow, actor), language)
    return None if settings.sends_mail else link


def _keep_one(uow: UnitOfWork, administrators: Collection[UUID], leaving: UUID) -> None:
    """Refuse to take the rights of the last administrator. An account that is about to be erased counts for none."""
    if leaving not in administrators:
        return
    if not any(erasure.pending(uow, one) is None for one in administrators if one != leaving):
        raise LastAdministrator


def _record(uow: UnitOfWork, actor: Actor, act: Act, account_id: UUID, reason: str = "", **details: int) -> None:
    audit.record(uow, _auditor(uow, actor), act, AuditTarget.account(account_id), reason, details)


def _auditor(uow: UnitOfWork, actor: Actor) -> AuditActor:
    return auditor(accounts.who(uow, actor.account_id))
