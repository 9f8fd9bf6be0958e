"""Signing up and in."""

from functools import partial
from uuid import UUID

from anb.accounts import email_changes, links, mails, store
from anb.accounts.domain import (
    Account,
    AccountNotFound,
    Actor,
    EmailTaken,
    NewAccount,
    OrganizersOnly,
    Role,
    SecondStep,
    SignedIn,
    WrongCredentials,
    free_username,
    username_for,
)
from anb.accounts.passwords import composed
from anb.db.session import Database, UnitOfWork
from anb.factors import service as factors
from anb.factors.domain import SecondFactorNeeded
from anb.logs import record
from anb.ports import Ports
from anb.sessions import service as sessions
from anb.sessions.domain import EndReason, SessionClient, SessionKind
from anb.signals import service as signals
from anb.signals.domain import SignalKind


def sign_up(database: Database, ports: Ports, new: NewAccount) -> Account:
    """Create an account with a public name of its own. Raises EmailTaken."""
    hashed = hash_for_new(database, ports, new)
    with database.transaction() as uow:
        return register(uow, new, hashed)


def hash_for_new(database: Database, ports: Ports, new: NewAccount) -> str:
    """Hash the password of a new account, unless its e-mail is taken. Raises EmailTaken.

    Hashing takes longer than everything else together, so no transaction is open meanwhile.
    """
    with database.reading() as uow:
        if is_taken(uow, new.email):
            raise EmailTaken
    return ports.passwords.hash(new.password)


def register(uow: UnitOfWork, new: NewAccount, hashed: str) -> Account:
    """Add an account, and ask it by mail to confirm its address. Raises EmailTaken."""
    account = add_account(uow, new, hashed)
    mails.ask_to_confirm(uow, account)
    return account


def answer_by_mail(uow: UnitOfWork, new: NewAccount, account: Account | None) -> None:
    """Ask a new account to confirm its address; without one, tell the owner of the address that it has an account."""
    if account is None:
        mails.tell_account_exists(uow, new.email, new.language)
    else:
        mails.ask_to_confirm(uow, account)


def add_vouched(uow: UnitOfWork, new: NewAccount) -> Account:
    """Create an account without a password for a person that an issuer vouches for, with an address it verified.

    Raises EmailTaken.
    """
    account = add_account(uow, new, None)
    store.confirm(uow, account.id)
    return who(uow, account.id)


def has_password(uow: UnitOfWork, account_id: UUID) -> bool:
    """Say whether an account can be signed in to with a password."""
    return store.password_hash(uow, account_id) is not None


def add_account(uow: UnitOfWork, new: NewAccount, hashed: str | None) -> Account:
    """Add an account with a public name of its own. Raises EmailTaken."""
    if is_taken(uow, new.email):
        raise EmailTaken
    account = None
    while account is None:
        account = store.add(uow, new, _free_username(uow, new), hashed)
        # Either the e-mail is taken, or only the public name was taken in between.
        if account is None and store.find(uow, new.email) is not None:
            raise EmailTaken
    signals.note(uow, account.id, SignalKind.SIGN_UP, new.trace)
    uow.after_commit(partial(record, "accounts.sign_up.succeeded", account_id=account.id))
    return account


def is_taken(uow: UnitOfWork, email: str, but: UUID | None = None) -> bool:
    """Say whether an account, other than `but`, has this e-mail, may take it back after a change, or will get it."""
    found = store.find(uow, email)  # and in all cases the same work
    kept, awaited = links.keeps_address(uow, email, but), email_changes.keeps_address(uow, email, but)
    return (found is not None and found.id != but) or kept or awaited


def sign_in(
    database: Database,
    ports: Ports,
    email: str,
    password: str,
    client: SessionClient,
    *,
    code: str | None = None,
    instead_of: UUID | None = None,
) -> SignedIn | SecondStep:
    """Open a session, and end the one that this browser had. Raises WrongCredentials, after the same work always.

    A program may bring the `code` of a second factor, for a strong session. Raises WrongCode, but only once the
    password is right.
    """
    with database.reading() as uow:
        known = store.credentials(uow, email)
    fits = matches(ports, known[1] if known else None, password)
    renewed = _renewed(ports, known[1], password) if known and fits else None
    entered = None
    with database.transaction() as uow:
        # A password that was changed meanwhile has ended the sessions of the old one, and opens none.
        if known and fits and store.keeps_hash(uow, *known):
            is_strong = code is not None and factors.use_code(uow, ports, known[0], code) is not None
            entered = admit(uow, ports, known[0], client, strong=is_strong, instead_of=instead_of)
            if renewed is not None:
                store.set_password(uow, known[0], renewed)
    if entered is None:
        record("accounts.sign_in.failed", account_id=known[0] if known else None)
        raise WrongCredentials
    return entered


def enter(
    database: Database,
    ports: Ports,
    account_id: UUID,
    client: SessionClient,
    *,
    strong: bool = False,
    instead_of: UUID | None = None,
) -> SignedIn | SecondStep:
    """Open a session of an account whose owner is known; `strong` if a second factor has proved it."""
    with database.transaction() as uow:
        return admit(uow, ports, account_id, client, strong=strong, instead_of=instead_of)


def admit(
    uow: UnitOfWork, ports: Ports, account_id: UUID, client: SessionClient, *, strong: bool, instead_of: UUID | None
) -> SignedIn | SecondStep:
    """Open a session, or ask a browser of an account with a second factor for the second step.

    An organizer is told by mail of a sign-in on a device where the account was never signed in.
    """
    if not client.is_known:
        _tell_organizer(uow, account_id, client.device)
    if client.kind is SessionKind.BROWSER and not strong and factors.has_factor(uow, account_id):
        return SecondStep(factors.begin_second_step(uow, account_id))
    opened = sessions.open_session(
        uow, ports, account_id, kind=client.kind, device=client.device, block=client.block, strong=strong
    )
    signals.note_sign_in(uow, ports.tokens, account_id, who(uow, account_id).email, client)
    if instead_of is not None:
        sessions.end_session(uow, instead_of, EndReason.SIGNED_IN_AGAIN)
    uow.after_commit(partial(record, "accounts.sign_in.succeeded", account_id=account_id, session_id=opened.id))
    return SignedIn(account_id, opened)


def _tell_organizer(uow: UnitOfWork, account_id: UUID, device: str) -> None:
    account = who(uow, account_id)
    if Role.ORGANIZER in account.role.acts:
        mails.tell_new_device(uow, account, device)


def _renewed(ports: Ports, hashed: str, password: str) -> str | None:
    """Hash a password anew if its hash was made with other parameters than today's."""
    return ports.passwords.hash(composed(password)) if ports.passwords.is_outdated(hashed) else None


def matches(ports: Ports, hashed: str | None, password: str) -> bool:
    """Compare the composed form and, if it differs, the password as typed, which older hashes were made of."""
    forms = dict.fromkeys([composed(password), password])
    return any([ports.passwords.matches(hashed, form) for form in forms])  # noqa: C419 - the same work for all


def list_accounts(uow: UnitOfWork, after: UUID | None, limit: int) -> list[Account]:
    """Return accounts after one, oldest first."""
    return store.list_page(uow, after, limit)


def who(uow: UnitOfWork, account_id: UUID) -> Account:
    """Return the account of an id. Raises AccountNotFound."""
    account = store.get(uow, account_id)
    if account is None:
        raise AccountNotFound
    return account


def hold(uow: UnitOfWork, account_id: UUID) -> Account:
    """Return an account that is not erased until this transaction ends. Raises AccountNotFound."""
    account = store.hold(uow, account_id)
    if account is None:
        raise AccountNotFound
    return account


def lock_account(uow: UnitOfWork, account_id: UUID) -> None:
    """Run one person's concurrent operations one after another, until this transaction ends. Raises AccountNotFound."""
    if not store.lock(uow, account_id):
        raise AccountNotFound


def acts_as(uow: UnitOfWork, actor: Actor, role: Role, known: Account | None = None) -> bool:
    """Say whether an account may do the acts of a role in this session: the only way to ask for a role.

    `known` is the account, where this transaction has just read it. Raises SecondFactorNeeded if it may, but the
    session is too weak for the acts of the role that the account has.
    """
    held = store.get_role(uow, actor.account_id) if known is None else known.role
    if held is None or role not in held.acts:
        return False
    if held.acts & actor.too_weak_for:
        raise SecondFactorNeeded
    return True


def organizer(uow: UnitOfWork, actor: Actor) -> Account:
    """Return the account of an organizer or administrator. Raises OrganizersOnly, SecondFactorNeeded."""
    if not acts_as(uow, actor, Role.ORGANIZER):
        raise OrganizersOnly
    return who(uow, actor.account_id)


def give_role(uow: UnitOfWork, email: str, role: Role) -> Account:
    """Give a person a role; another one than they have ends their sessions. Raises AccountNotFound."""
    given = store.set_role(uow, email, role)
    if given is None:
        raise AccountNotFound
    account, is_new = given
    if is_new:
        sessions.end_all(uow, account.id, EndReason.ROLE_CHANGED)
    uow.after_commit(partial(record, "accounts.role.given", account_id=account.id, role=role.value))
    return account


def _free_username(uow: UnitOfWork, new: NewAccount) -> str:
    wanted = username_for(new.first_name, new.last_name)
    return free_username(wanted, store.usernames_like(uow, wanted))
