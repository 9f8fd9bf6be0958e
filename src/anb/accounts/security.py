"""The second factors of an account: signing in with them, adding and removing them, and unlocking."""

from functools import partial
from uuid import UUID

from anb.accounts import recovery, service, store
from anb.accounts.domain import Account, Role, SecondStep, SignedIn, recipient
from anb.audit import service as audit
from anb.audit.domain import Act, AuditActor, AuditTarget
from anb.db.session import Database, UnitOfWork
from anb.factors import service as factors
from anb.factors.domain import FactorMissing, LastFactor
from anb.logs import record
from anb.mail import service as mail
from anb.mail.domain import MailKind, NewMail
from anb.ports import Ports
from anb.sessions import service as sessions
from anb.sessions.domain import EndReason, SessionClient
from anb.settings.factors import GuardedRoles

PAGE = "/account/security"


def finish_sign_in(
    database: Database, ports: Ports, token: str, code: str, client: SessionClient, *, instead_of: UUID | None = None
) -> SignedIn | SecondStep:
    """Open a session for the code that a second step asked for. Raises SignInBegunAnew, WrongCode."""
    account_id = factors.finish_second_step(database, ports, token, code)
    return service.enter(database, ports, account_id, client, strong=True, instead_of=instead_of)


def strengthen(database: Database, ports: Ports, account_id: UUID, session_id: UUID, code: str) -> None:
    """Make an open session strong by a code. Raises WrongCode."""
    with database.transaction() as uow:
        factors.use_code(uow, ports, account_id, code)
        sessions.mark_strong(uow, session_id)


def factor_added(uow: UnitOfWork, account_id: UUID, session_id: UUID | None) -> list[str]:
    """Note that an account has a new factor; return recovery codes if it has none yet.

    The session has just used the factor, so it is strong. The owner is told by mail, in case it was another person.
    """
    if session_id is not None:
        sessions.mark_strong(uow, session_id)
    _tell(uow, service.who(uow, account_id), MailKind.FACTOR_ADDED)
    return [] if factors.factors_of(uow, account_id).recovery_left else factors.renew_recovery_codes(uow, account_id)


def remove_passkey(uow: UnitOfWork, guarded: GuardedRoles, account_id: UUID, passkey_id: UUID) -> None:
    """Remove a passkey. Raises PasskeyNotFound, LastFactor."""
    _check_last(uow, guarded, account_id)
    factors.remove_passkey(uow, account_id, passkey_id)
    _tell(uow, service.who(uow, account_id), MailKind.FACTOR_REMOVED)


def remove_totp(uow: UnitOfWork, guarded: GuardedRoles, account_id: UUID) -> None:
    """Remove the one-time passwords. Raises LastFactor."""
    _check_last(uow, guarded, account_id)
    if factors.remove_totp(uow, account_id):
        _tell(uow, service.who(uow, account_id), MailKind.FACTOR_REMOVED)


def _check_last(uow: UnitOfWork, guarded: GuardedRoles, account_id: UUID) -> None:
    """Keep the last factor of a role that needs one: with the password alone, a thief could set up another."""
    service.lock_account(uow, account_id)  # else two requests could each remove one of two
    known, role = factors.factors_of(uow, account_id), store.get_role(uow, account_id)
    if role is not None and role.needs_factor(guarded) and known.count == 1:
        raise LastFactor


def give_role(
    uow: UnitOfWork,
    guarded: GuardedRoles,
    email: str,
    role: Role,
    by: AuditActor,
    *,
    now: bool = False,
    reason: str = "",
) -> Account:
    """Give a person a role; one that needs a second factor only once they have one, or `now` if an operator insists.

    With the role but no factor, a thief of the password could set up a factor and use the role.
    Raises AccountNotFound, FactorMissing.
    """
    account = service.give_role(uow, email, role)
    if role.needs_factor(guarded) and not now and not factors.has_factor(uow, account.id):
        raise FactorMissing
    details: dict[str, str | bool] = {"role": role.value, "now": now}
    audit.record(uow, by, Act.ROLE_GIVEN, AuditTarget.account(account.id), reason, details)
    return account


def unlock(uow: UnitOfWork, email: str, by: AuditActor, reason: str = "") -> tuple[Account, int]:
    """Remove every factor of a person who has lost them, and end all sessions; return how many factors there were.

    A thief of the password could set up a factor now, so the person becomes a player until an operator gives the role
    again. Raises AccountNotFound.
    """
    account = recovery.find(uow, email)
    removed = factors.remove_all(uow, account.id)
    sessions.end_all(uow, account.id, EndReason.UNLOCKED)
    if not account.is_player:
        store.set_role(uow, email, Role.PLAYER)
        uow.after_commit(partial(record, "accounts.role.given", account_id=account.id, role=Role.PLAYER.value))
    details: dict[str, int] = {"removed": removed}
    audit.record(uow, by, Act.FACTORS_REMOVED, AuditTarget.account(account.id), reason, details)
    _tell(uow, account, MailKind.FACTORS_UNLOCKED)
    return account, removed


def _tell(uow: UnitOfWork, account: Account, kind: MailKind) -> None:
    mail.post(uow, NewMail(kind, recipient(account), {"link": PAGE}))
