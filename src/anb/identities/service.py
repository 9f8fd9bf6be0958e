"""Signing in with an issuer, and linking identities to accounts.

Waiting for an issuer happens between these functions, with no transaction open.
"""

from collections.abc import Collection
from functools import partial
from uuid import UUID

from anb.accounts import service as accounts
from anb.accounts.domain import Account, NewAccount
from anb.db.session import UnitOfWork
from anb.factors import service as factors
from anb.identities import store
from anb.identities.domain import (
    Attempt,
    AttemptInvalid,
    Identity,
    IdentityNotFound,
    IdentityTaken,
    KnownPerson,
    LastWayIn,
    new_secrets,
)
from anb.logs import record
from anb.ports.issuers import SignInSecrets, Vouched

SWEPT_AT_ONCE = 100  # by each new sign-in


def begin(uow: UnitOfWork, browser: str, key: str, onward: str, account_id: UUID | None = None) -> SignInSecrets:
    """Begin a sign-in of a browser with an issuer; with an account, one that links the issuer to it."""
    store.sweep(uow, SWEPT_AT_ONCE)
    secrets = new_secrets()
    store.add_attempt(uow, browser, Attempt(key, secrets, onward, account_id))
    return secrets


def resume(uow: UnitOfWork, browser: str, key: str, state: str) -> Attempt:
    """Return the sign-in that a browser comes back from; it cannot be resumed again. Raises AttemptInvalid."""
    attempt = store.take_attempt(uow, browser, key, state)
    if attempt is None:
        raise AttemptInvalid
    return attempt


def recognize(uow: UnitOfWork, key: str, vouched: Vouched) -> UUID | None:
    """Return the account of a person that an issuer vouches for. The issuer's e-mail does not change the account's."""
    account_id = store.use_identity(uow, vouched)
    if account_id is not None:
        uow.after_commit(partial(record, "identities.sign_in.succeeded", account_id=account_id, issuer=key))
    return account_id


def remember(uow: UnitOfWork, browser: str, person: KnownPerson) -> None:
    """Keep the person that an issuer vouched for, until this browser creates an account or signs in to one."""
    store.keep_vouched(uow, browser, person)


def remembered(uow: UnitOfWork, browser: str) -> KnownPerson:
    """Return the person that an issuer vouched for in this browser. Raises AttemptInvalid."""
    person = store.find_vouched(uow, browser)
    if person is None:
        raise AttemptInvalid
    return person


def has_account(uow: UnitOfWork, person: KnownPerson) -> bool:
    """Say whether an account has the address that an issuer verified; its owner may know that."""
    return person.may_join and accounts.is_taken(uow, str(person.vouched.email))


def join(uow: UnitOfWork, browser: str, new: NewAccount) -> tuple[Account, KnownPerson]:
    """Create an account without a password for the person that an issuer vouched for, with the verified address.

    Raises AttemptInvalid, EmailTaken.
    """
    person = store.take_vouched(uow, browser)
    if person is None or not person.may_join or person.vouched.email != new.email:
        raise AttemptInvalid
    account = accounts.add_vouched(uow, new)
    link(uow, account.id, person.key, person.vouched)
    return account, person


def link_remembered(uow: UnitOfWork, browser: str, account_id: UUID) -> KnownPerson:
    """Link the identity that came to this browser to the account that is signed in there.

    Raises AttemptInvalid, IdentityTaken.
    """
    person = store.take_vouched(uow, browser)
    if person is None:
        raise AttemptInvalid
    link(uow, account_id, person.key, person.vouched)
    return person


def link(uow: UnitOfWork, account_id: UUID, key: str, vouched: Vouched) -> None:
    """Let an issuer vouch for an account, besides its other ways to sign in. Raises IdentityTaken."""
    accounts.lock_account(uow, account_id)
    if store.add_identity(uow, account_id, key, vouched) != account_id:
        raise IdentityTaken
    uow.after_commit(partial(record, "identities.identity.linked", account_id=account_id, issuer=key))


def unlink(uow: UnitOfWork, account_id: UUID, identity_id: UUID, usable: Collection[str]) -> None:
    """Remove an identity, unless it is the last way in.

    Ways in are the password, passkeys, and identities of the issuers whose keys are `usable`. Raises IdentityNotFound,
    LastWayIn.
    """
    accounts.lock_account(uow, account_id)  # two at once would each leave the other's
    known = store.list_identities(uow, account_id)
    gone = next((identity for identity in known if identity.id == identity_id), None)
    if gone is None:
        raise IdentityNotFound
    others = [identity for identity in known if identity is not gone and identity.key in usable]
    if not (others or accounts.has_password(uow, account_id) or factors.factors_of(uow, account_id).passkeys):
        raise LastWayIn
    store.remove_identity(uow, identity_id)
    uow.after_commit(partial(record, "identities.identity.unlinked", account_id=account_id, issuer=gone.key))


def list_identities(uow: UnitOfWork, account_id: UUID) -> list[Identity]:
    """Return the identities of an account, oldest first."""
    return store.list_identities(uow, account_id)


def remove_all(uow: UnitOfWork, account_id: UUID) -> int:
    """Delete what issuers say of a person whose account is erased; return the number of identities."""
    return store.remove_all(uow, account_id)


def purge(uow: UnitOfWork) -> int:
    """Delete sign-ins that expired before they were finished; return how many."""
    return store.sweep(uow)
