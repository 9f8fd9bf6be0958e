"""The operations on second factors. Those on passkeys are in `passkeys`."""

from functools import partial
from uuid import UUID

from anb.db.session import Database, UnitOfWork
from anb.factors import passkeys, store
from anb.factors.domain import (
    STEP_SECONDS,
    CeremonyKind,
    Factors,
    SignInBegunAnew,
    TotpEnrolledAlready,
    TotpNotBegun,
    TotpSecret,
    Used,
    WrongCode,
    hash_recovery,
    hash_token,
    is_recovery,
    is_totp,
    matching_step,
    near,
    new_recovery_codes,
    new_token,
    plain,
    step_at,
)
from anb.logs import record
from anb.ports import Ports

begin_registration, register_passkey = passkeys.begin_registration, passkeys.register
begin_passkey_sign_in, sign_in_with_passkey = passkeys.begin_sign_in, passkeys.sign_in
rename_passkey, remove_passkey = passkeys.rename, passkeys.remove

CEREMONY_SECONDS = passkeys.SECONDS
ISSUER = "ANB Rising Stars"
# How long the second step may come after the password.
STEP_PATIENCE_SECONDS = 300


def factors_of(uow: UnitOfWork, account_id: UUID) -> Factors:
    """Return the second factors of an account."""
    return store.factors(uow, account_id)


def has_factor(uow: UnitOfWork, account_id: UUID) -> bool:
    """Say whether an account has a second factor, so that its password alone opens no session of a browser."""
    return store.has_any(uow, account_id)


def begin_totp(uow: UnitOfWork, ports: Ports, account_id: UUID) -> None:
    """Make a secret of one-time passwords; it counts once a code of it is typed. Raises TotpEnrolledAlready."""
    import pyotp  # noqa: PLC0415 - only who uses one-time passwords loads it

    if not store.keep_secret(uow, account_id, ports.secrets.seal(pyotp.random_base32(), str(account_id))):
        raise TotpEnrolledAlready


def begun_totp(uow: UnitOfWork, ports: Ports, account_id: UUID) -> str | None:
    """Return the secret that waits for its first code; a confirmed one is never shown again."""
    known = store.secret(uow, account_id)
    if known is None or known.confirmed_at is not None:
        return None
    return ports.secrets.unseal(known.sealed, str(account_id))


def totp_address(secret: str, email: str) -> str:
    """Return the address that an authenticator app reads from a QR code."""
    import pyotp  # noqa: PLC0415 - as above

    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def confirm_totp(uow: UnitOfWork, ports: Ports, account_id: UUID, code: str) -> None:
    """Let one-time passwords count, by the first of them. Raises TotpNotBegun, WrongCode."""
    known = store.secret(uow, account_id)
    if known is None or known.confirmed_at is not None:
        raise TotpNotBegun
    if not _use_totp(uow, ports, account_id, known, plain(code)):
        raise WrongCode
    uow.after_commit(partial(record, "factors.totp.enrolled", account_id=account_id))


def remove_totp(uow: UnitOfWork, account_id: UUID) -> bool:
    """Remove the one-time passwords of an account; False if it has none."""
    removed = store.remove_secret(uow, account_id)
    if removed:
        uow.after_commit(partial(record, "factors.totp.removed", account_id=account_id))
    return removed


def renew_recovery_codes(uow: UnitOfWork, account_id: UUID) -> list[str]:
    """Return new recovery codes, which cannot be read again; earlier ones stop working."""
    codes = new_recovery_codes()
    store.replace_recovery_codes(uow, account_id, [hash_recovery(account_id, code) for code in codes])
    uow.after_commit(partial(record, "factors.recovery.renewed", account_id=account_id))
    return codes


def is_guessable(code: str) -> bool:
    """Say whether a code is so short that an attacker could find it by trying."""
    return not is_recovery(plain(code))


def use_code(uow: UnitOfWork, ports: Ports, account_id: UUID, code: str) -> Used:
    """Use a one-time password or a recovery code, once. Raises WrongCode."""
    typed = plain(code)
    used = None
    if is_totp(typed) and _use_enrolled_totp(uow, ports, account_id, typed):
        used = Used.TOTP
    elif is_recovery(typed) and store.use_recovery_code(uow, account_id, hash_recovery(account_id, typed)):
        used = Used.RECOVERY
    if used is None:
        record("factors.code.refused", account_id=account_id)
        raise WrongCode
    uow.after_commit(partial(record, "factors.factor.used", account_id=account_id, factor=used.value))
    return used


def _use_enrolled_totp(uow: UnitOfWork, ports: Ports, account_id: UUID, typed: str) -> bool:
    known = store.secret(uow, account_id)
    return known is not None and known.confirmed_at is not None and _use_totp(uow, ports, account_id, known, typed)


def _use_totp(uow: UnitOfWork, ports: Ports, account_id: UUID, known: TotpSecret, typed: str) -> bool:
    """Use the code of a step near this one, whether or not the secret is confirmed."""
    import pyotp  # noqa: PLC0415 - as above

    secret = ports.secrets.unseal(known.sealed, str(account_id))
    if secret is None:
        return False
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    steps = near(step_at(ports.clock.now()), known.last_step)
    step = matching_step(((one, totp.at(one * STEP_SECONDS)) for one in steps), typed)
    return step is not None and store.use_step(uow, account_id, known.sealed, step)


def begin_second_step(uow: UnitOfWork, account_id: UUID) -> str:
    """Keep that a browser has proved an account's password; return the token for its cookie.

    The token is good only for the second step, in this browser, within minutes; it opens no page.
    """
    token = new_token()
    store.add_challenge(uow, hash_token(token), CeremonyKind.SECOND_STEP, account_id, None, STEP_PATIENCE_SECONDS)
    return token


def second_step_of(uow: UnitOfWork, token: str) -> UUID | None:
    """Return the account whose second step a browser has to take."""
    begun = store.find_challenge(uow, hash_token(token), CeremonyKind.SECOND_STEP)
    return begun.account_id if begun else None


def finish_second_step(database: Database, ports: Ports, token: str, code: str) -> UUID:
    """Return the account whose second step a code has finished. Raises SignInBegunAnew, WrongCode.

    The try is counted first, in a transaction of its own: a refusal must not take it back.
    """
    with database.transaction() as uow:
        account_id = store.count_try(uow, hash_token(token))
    if account_id is None:
        raise SignInBegunAnew
    with database.transaction() as uow:
        use_code(uow, ports, account_id, code)
        if store.take_challenge(uow, hash_token(token), CeremonyKind.SECOND_STEP) is None:
            raise SignInBegunAnew
    return account_id


def forget_begun(uow: UnitOfWork, account_id: UUID) -> None:
    """End what was begun for an account: its password has changed, or its sessions are ended."""
    store.forget_challenges(uow, account_id)


def remove_all(uow: UnitOfWork, account_id: UUID) -> int:
    """Remove every factor and recovery code of an account; return how many factors it had."""
    removed = store.remove_all(uow, account_id)
    uow.after_commit(partial(record, "factors.account.unlocked", account_id=account_id))
    return removed
