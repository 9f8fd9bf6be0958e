"""The operations on passkeys: register, sign in, rename, remove. The doors are in `service`."""

from functools import partial
from uuid import UUID

from anb.db.session import Database, UnitOfWork
from anb.factors import store
from anb.factors.domain import (
    MOST_CREDENTIAL,
    MOST_PASSKEYS,
    Ceremony,
    CeremonyKind,
    KeyOwner,
    PasskeyNotFound,
    PasskeyRefused,
    RelyingParty,
    SignInBegunAnew,
    TooManyPasskeys,
    Used,
    clean_name,
    hash_token,
    new_token,
)
from anb.logs import record

# How long a browser may take to finish a ceremony; its owner may have to fetch a key or a phone.
SECONDS = 300


def begin_registration(uow: UnitOfWork, party: RelyingParty, owner: KeyOwner) -> Ceremony:
    """Begin to register a passkey of an account. Raises TooManyPasskeys."""
    from anb.factors import ceremonies  # noqa: PLC0415 - see there

    known = store.factors(uow, owner.id).passkeys
    if len(known) >= MOST_PASSKEYS:
        raise TooManyPasskeys
    options, challenge = ceremonies.registration_options(
        party, owner, [one.credential_id for one in known], SECONDS * 1000
    )
    return _begun(uow, CeremonyKind.REGISTER, owner.id, options, challenge)


def register(database: Database, party: RelyingParty, account_id: UUID, token: str, answer: str, name: str) -> None:
    """Register the passkey that an authenticator has made. Raises SignInBegunAnew, PasskeyRefused.

    The ceremony is over first, in a transaction of its own: whatever the answer is, it cannot be sent again.
    """
    from anb.factors import ceremonies  # noqa: PLC0415 - see there

    with database.transaction() as uow:
        begun = store.take_challenge(uow, hash_token(token), CeremonyKind.REGISTER)
    if begun is None or begun.challenge is None or begun.account_id != account_id:
        raise SignInBegunAnew
    made = ceremonies.read_registration(party, begun.challenge, answer)
    if len(made.credential_id) > MOST_CREDENTIAL:
        raise PasskeyRefused
    with database.transaction() as uow:
        added = store.add_passkey(
            uow, account_id, name, made.credential_id, made.credential_public_key, made.sign_count
        )
        if not added:
            raise PasskeyRefused
        uow.after_commit(partial(record, "factors.passkey.registered", account_id=account_id))


def begin_sign_in(uow: UnitOfWork, party: RelyingParty) -> Ceremony:
    """Begin to sign in with a passkey; who signs in is known only once one has signed."""
    from anb.factors import ceremonies  # noqa: PLC0415 - see there

    options, challenge = ceremonies.sign_in_options(party, SECONDS * 1000)
    return _begun(uow, CeremonyKind.SIGN_IN, None, options, challenge)


def sign_in(database: Database, party: RelyingParty, token: str, answer: str) -> UUID:
    """Return the account whose passkey has signed. Raises SignInBegunAnew, PasskeyRefused."""
    from anb.factors import ceremonies  # noqa: PLC0415 - see there

    credential_id, handle = ceremonies.read_owner(answer)
    with database.transaction() as uow:
        begun = store.take_challenge(uow, hash_token(token), CeremonyKind.SIGN_IN)
        passkey = store.find_passkey(uow, credential_id)
    if begun is None or begun.challenge is None:
        raise SignInBegunAnew
    if passkey is None or passkey.account_id.bytes != handle:
        raise PasskeyRefused
    counter = ceremonies.check_sign_in(party, begun.challenge, passkey, answer)
    with database.transaction() as uow:
        advanced = store.count_use(uow, passkey.id, counter)
    if not advanced:
        # Two authenticators with one key, or the answer of another request that has come first.
        record("factors.passkey.behind", account_id=passkey.account_id)
        raise PasskeyRefused
    record("factors.factor.used", account_id=passkey.account_id, factor=Used.PASSKEY.value)
    return passkey.account_id


def rename(uow: UnitOfWork, account_id: UUID, passkey_id: UUID, name: str) -> None:
    """Rename a passkey; a blank name changes nothing. Raises PasskeyNotFound."""
    known = {one.id: one.name for one in store.factors(uow, account_id).passkeys}
    if passkey_id not in known:
        raise PasskeyNotFound
    store.rename_passkey(uow, account_id, passkey_id, clean_name(name, known[passkey_id]))


def remove(uow: UnitOfWork, account_id: UUID, passkey_id: UUID) -> None:
    """Remove a passkey. Raises PasskeyNotFound."""
    if not store.remove_passkey(uow, account_id, passkey_id):
        raise PasskeyNotFound
    uow.after_commit(partial(record, "factors.passkey.removed", account_id=account_id))


def _begun(uow: UnitOfWork, purpose: CeremonyKind, account_id: UUID | None, options: str, challenge: bytes) -> Ceremony:
    token = new_token()
    store.add_challenge(uow, hash_token(token), purpose, account_id, challenge, SECONDS)
    return Ceremony(token, options)
