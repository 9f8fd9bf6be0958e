"""Second factors as rows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from anb.db.session import UnitOfWork
from anb.db.tables_factors import factor_challenges, passkeys, recovery_codes, totp_secrets
from anb.factors.domain import MOST_TRIES, CeremonyKind, Challenge, Factors, Passkey, TotpSecret

# Rows of past ceremonies that each new one removes, so that the table stays small without a job.
_SWEPT = 10
_KEYS = tuple(passkeys.c[name] for name in Passkey.__dataclass_fields__)


def factors(uow: UnitOfWork, account_id: UUID) -> Factors:
    """Return the second factors of an account."""
    query = select(*_KEYS).where(passkeys.c.account_id == account_id).order_by(passkeys.c.id)
    keys = tuple(_passkey(row) for row in uow.execute(query))
    since = select(totp_secrets.c.confirmed_at).where(totp_secrets.c.account_id == account_id)
    left = (
        select(func.count())
        .select_from(recovery_codes)
        .where(recovery_codes.c.account_id == account_id, recovery_codes.c.used_at.is_(None))
    )
    return Factors(keys, uow.execute(since).scalar_one_or_none(), uow.execute(left).scalar_one())


def has_any(uow: UnitOfWork, account_id: UUID) -> bool:
    """Say whether an account has a passkey or one-time passwords."""
    key = select(literal(1)).where(passkeys.c.account_id == account_id).exists()
    totp = (
        select(literal(1))
        .where(totp_secrets.c.account_id == account_id, totp_secrets.c.confirmed_at.is_not(None))
        .exists()
    )
    return bool(uow.execute(select(or_(key, totp))).scalar_one())


def add_passkey(
    uow: UnitOfWork, account_id: UUID, name: str, credential_id: bytes, public_key: bytes, sign_count: int
) -> bool:
    """Add a passkey; False when its credential is registered already."""
    new = upsert(passkeys).values(
        account_id=account_id, name=name, credential_id=credential_id, public_key=public_key, sign_count=sign_count
    )
    return uow.execute(new.on_conflict_do_nothing().returning(passkeys.c.id)).first() is not None


def find_passkey(uow: UnitOfWork, credential_id: bytes) -> Passkey | None:
    """Return the passkey of a credential."""
    row = uow.execute(select(*_KEYS).where(passkeys.c.credential_id == credential_id)).one_or_none()
    return None if row is None else _passkey(row)


def count_use(uow: UnitOfWork, passkey_id: UUID, sign_count: int) -> bool:
    """Keep the counter of a passkey; False when it did not advance, or the passkey is gone.

    Authenticators without a counter always say 0.
    """
    advanced = or_(passkeys.c.sign_count < sign_count, (passkeys.c.sign_count == 0) & (literal(sign_count) == 0))
    used = update(passkeys).where(passkeys.c.id == passkey_id, advanced)
    row = uow.execute(used.values(sign_count=sign_count, used_at=func.now()).returning(passkeys.c.id)).first()
    return row is not None


def rename_passkey(uow: UnitOfWork, account_id: UUID, passkey_id: UUID, name: str) -> bool:
    """Rename a passkey of an account; False when it has no such passkey."""
    theirs = _passkey_of(account_id, passkey_id)
    return bool(uow.execute(update(passkeys).where(*theirs).values(name=name)).rowcount)


def remove_passkey(uow: UnitOfWork, account_id: UUID, passkey_id: UUID) -> bool:
    """Remove a passkey of an account; False when it has no such passkey."""
    return bool(uow.execute(delete(passkeys).where(*_passkey_of(account_id, passkey_id))).rowcount)


def _passkey_of(account_id: UUID, passkey_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return passkeys.c.account_id == account_id, passkeys.c.id == passkey_id


def keep_secret(uow: UnitOfWork, account_id: UUID, sealed: bytes) -> bool:
    """Keep a new secret, in place of one that was never confirmed; False when one is confirmed."""
    new = upsert(totp_secrets).values(account_id=account_id, sealed=sealed)
    kept = new.on_conflict_do_update(
        index_elements=[totp_secrets.c.account_id],
        set_={"sealed": sealed, "created_at": func.now()},
        where=totp_secrets.c.confirmed_at.is_(None),
    )
    return uow.execute(kept.returning(totp_secrets.c.account_id)).first() is not None


def secret(uow: UnitOfWork, account_id: UUID) -> TotpSecret | None:
    """Return the secret of an account, confirmed or not."""
    query = select(totp_secrets.c.sealed, totp_secrets.c.last_step, totp_secrets.c.confirmed_at)
    row = uow.execute(query.where(totp_secrets.c.account_id == account_id)).one_or_none()
    return None if row is None else TotpSecret(row.sealed, row.last_step, row.confirmed_at)


def use_step(uow: UnitOfWork, account_id: UUID, sealed: bytes, step: int) -> bool:
    """Use the code of a step, which confirms the secret; False when it, or a later one, was used before."""
    used = (
        update(totp_secrets)
        .where(
            totp_secrets.c.account_id == account_id,
            totp_secrets.c.sealed == sealed,  # not one that has taken its place meanwhile
            totp_secrets.c.last_step < step,
        )
        .values(last_step=step, confirmed_at=func.coalesce(totp_secrets.c.confirmed_at, func.now()))
    )
    return bool(uow.execute(used).rowcount)


def remove_secret(uow: UnitOfWork, account_id: UUID) -> bool:
    """Remove the secret of an account; False when it has none."""
    return bool(uow.execute(delete(totp_secrets).where(totp_secrets.c.account_id == account_id)).rowcount)


def replace_recovery_codes(uow: UnitOfWork, account_id: UUID, hashes: list[bytes]) -> None:
    """Keep the hashes of new codes in place of all codes before."""
    uow.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    if hashes:
        uow.execute(insert(recovery_codes), [{"account_id": account_id, "code_hash": one} for one in hashes])


def use_recovery_code(uow: UnitOfWork, account_id: UUID, code_hash: bytes) -> bool:
    """Use a recovery code; False when it is unknown or was used before."""
    known = (
        recovery_codes.c.account_id == account_id,
        recovery_codes.c.code_hash == code_hash,
        recovery_codes.c.used_at.is_(None),
    )
    return bool(uow.execute(update(recovery_codes).where(*known).values(used_at=func.now())).rowcount)


def add_challenge(
    uow: UnitOfWork,
    token_hash: bytes,
    purpose: CeremonyKind,
    account_id: UUID | None,
    challenge: bytes | None,
    seconds: int,
) -> None:
    """Keep a begun ceremony for some seconds, and remove some that were never finished."""
    past = (
        select(factor_challenges.c.token_hash)
        .where(factor_challenges.c.expires_at < func.now())
        .limit(_SWEPT)
        .with_for_update(skip_locked=True)
    )
    uow.execute(delete(factor_challenges).where(factor_challenges.c.token_hash.in_(past)))
    uow.execute(
        insert(factor_challenges).values(
            token_hash=token_hash,
            purpose=purpose.value,
            account_id=account_id,
            challenge=challenge,
            expires_at=func.now() + timedelta(seconds=seconds),
        )
    )


def take_challenge(uow: UnitOfWork, token_hash: bytes, purpose: CeremonyKind) -> Challenge | None:
    """Take a begun ceremony away, so that no request can finish it again; None if it does not exist or is too old."""
    taken = delete(factor_challenges).where(*_live(token_hash, purpose))
    row = uow.execute(taken.returning(factor_challenges.c.account_id, factor_challenges.c.challenge)).one_or_none()
    return None if row is None else Challenge(purpose, row.account_id, row.challenge)


def find_challenge(uow: UnitOfWork, token_hash: bytes, purpose: CeremonyKind) -> Challenge | None:
    """Return a begun ceremony and leave it."""
    query = select(factor_challenges.c.account_id, factor_challenges.c.challenge).where(*_live(token_hash, purpose))
    row = uow.execute(query).one_or_none()
    return None if row is None else Challenge(purpose, row.account_id, row.challenge)


def count_try(uow: UnitOfWork, token_hash: bytes) -> UUID | None:
    """Count a try at a second step and return the account; None once it was tried too often."""
    tries = update(factor_challenges).where(
        *_live(token_hash, CeremonyKind.SECOND_STEP), factor_challenges.c.tries < MOST_TRIES
    )
    counted = tries.values(tries=factor_challenges.c.tries + 1).returning(factor_challenges.c.account_id)
    account_id: UUID | None = uow.execute(counted).scalar_one_or_none()
    return account_id


def forget_challenges(uow: UnitOfWork, account_id: UUID) -> None:
    """Remove what was begun for an account."""
    uow.execute(delete(factor_challenges).where(factor_challenges.c.account_id == account_id))


def remove_all(uow: UnitOfWork, account_id: UUID) -> int:
    """Remove every factor of an account, its recovery codes, and what was begun; return how many factors it had."""
    forget_challenges(uow, account_id)
    replace_recovery_codes(uow, account_id, [])
    keys = uow.execute(delete(passkeys).where(passkeys.c.account_id == account_id)).rowcount
    return keys + remove_secret(uow, account_id)


def _live(token_hash: bytes, purpose: CeremonyKind) -> tuple[ColumnElement[bool], ...]:
    return (
        factor_challenges.c.token_hash == token_hash,
        factor_challenges.c.purpose == purpose.value,
        factor_challenges.c.expires_at > func.now(),
    )


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
