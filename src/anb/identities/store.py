"""Identities and sign-ins under way as rows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from anb.db.session import UnitOfWork
from anb.db.tables_identities import identities, sign_in_attempts, vouched_people
from anb.identities.domain import (
    ATTEMPT_SECONDS,
    VOUCHED_SECONDS,
    Attempt,
    Identity,
    KnownPerson,
    hash_of,
)
from anb.ports.issuers import SignInSecrets, Vouched

_IDENTITY = (
    identities.c.id,
    identities.c.account_id,
    identities.c.key,
    identities.c.issuer,
    identities.c.email,
    identities.c.linked_at,
    identities.c.used_at,
)


def add_attempt(uow: UnitOfWork, browser: str, attempt: Attempt) -> None:
    """Note that a browser began a sign-in."""
    uow.execute(
        upsert(sign_in_attempts).values(
            state_hash=hash_of(attempt.secrets.state),
            browser_hash=hash_of(browser),
            key=attempt.key,
            nonce=attempt.secrets.nonce,
            verifier=attempt.secrets.verifier,
            onward=attempt.onward,
            account_id=attempt.account_id,
            expires_at=func.now() + timedelta(seconds=ATTEMPT_SECONDS),
        )
    )


def take_attempt(uow: UnitOfWork, browser: str, key: str, state: str) -> Attempt | None:
    """Return a sign-in of this browser with this issuer and delete it, in one statement: it is used once."""
    known = sign_in_attempts.c
    row = uow.execute(
        delete(sign_in_attempts)
        .where(
            known.state_hash == hash_of(state),
            known.browser_hash == hash_of(browser),
            known.key == key,
            known.expires_at > func.now(),
        )
        .returning(known.nonce, known.verifier, known.onward, known.account_id)
    ).one_or_none()
    if row is None:
        return None
    return Attempt(key, SignInSecrets(state, row.nonce, row.verifier), row.onward, row.account_id)


def sweep(uow: UnitOfWork, at_most: int | None = None) -> int:
    """Delete what expired; return the number of rows."""
    return _sweep(uow, sign_in_attempts, "state_hash", at_most) + _sweep(uow, vouched_people, "browser_hash", at_most)


def _sweep(uow: UnitOfWork, table: Table, name: str, at_most: int | None) -> int:
    old = select(table.c[name]).where(table.c.expires_at <= func.now()).limit(at_most)
    # Materialized: a plan may run a subquery again for each row, and pass the limit.
    chosen = old.with_for_update(skip_locked=True).cte().prefix_with("MATERIALIZED")
    return uow.execute(delete(table).where(table.c[name].in_(select(chosen.c[name])))).rowcount


def keep_vouched(uow: UnitOfWork, browser: str, person: KnownPerson) -> None:
    """Keep the person that an issuer vouched for in a browser; one kept before is replaced."""
    vouched = person.vouched
    values = {
        "key": person.key,
        "issuer": vouched.issuer,
        "subject": vouched.subject,
        "email": vouched.email,
        "email_verified": vouched.email_verified,
        "first_name": vouched.first_name,
        "last_name": vouched.last_name,
        "strong": vouched.strong,
        "onward": person.onward,
        "expires_at": func.now() + timedelta(seconds=VOUCHED_SECONDS),
    }
    statement = upsert(vouched_people).values(browser_hash=hash_of(browser), **values)
    uow.execute(statement.on_conflict_do_update(index_elements=["browser_hash"], set_=values))


def find_vouched(uow: UnitOfWork, browser: str) -> KnownPerson | None:
    """Return the person that an issuer vouched for in a browser."""
    known = vouched_people.c
    live = (known.browser_hash == hash_of(browser), known.expires_at > func.now())
    row = uow.execute(select(vouched_people).where(*live)).one_or_none()
    return None if row is None else _person(row)


def take_vouched(uow: UnitOfWork, browser: str) -> KnownPerson | None:
    """Return the person that an issuer vouched for in a browser, and delete the row in the same statement."""
    known = vouched_people.c
    live = (known.browser_hash == hash_of(browser), known.expires_at > func.now())
    row = uow.execute(delete(vouched_people).where(*live).returning(vouched_people)).one_or_none()
    return None if row is None else _person(row)


def _person(row: Row[Any]) -> KnownPerson:
    vouched = Vouched(row.issuer, row.subject, row.email, row.email_verified, row.first_name, row.last_name, row.strong)
    return KnownPerson(row.key, vouched, row.onward)


def use_identity(uow: UnitOfWork, vouched: Vouched) -> UUID | None:
    """Return the account that an identity belongs to, noting its use and the e-mail that the issuer has now."""
    row = uow.execute(
        update(identities)
        .where(identities.c.issuer == vouched.issuer, identities.c.subject == vouched.subject)
        .values(used_at=func.now(), email=vouched.email)
        .returning(identities.c.account_id)
    ).one_or_none()
    return None if row is None else row.account_id


def add_identity(uow: UnitOfWork, account_id: UUID, key: str, vouched: Vouched) -> UUID:
    """Link an identity to an account; return the account that it belongs to, which may be another one."""
    row = uow.execute(
        upsert(identities)
        .values(
            account_id=account_id,
            key=key,
            issuer=vouched.issuer,
            subject=vouched.subject,
            email=vouched.email,
            used_at=func.now(),
        )
        # An update that changes nothing, so that the row is returned in every case.
        .on_conflict_do_update(index_elements=["issuer", "subject"], set_={"subject": vouched.subject})
        .returning(identities.c.account_id)
    ).one()
    owner: UUID = row.account_id
    return owner


def list_identities(uow: UnitOfWork, account_id: UUID) -> list[Identity]:
    """Return the identities of an account, oldest first."""
    rows = select(*_IDENTITY).where(identities.c.account_id == account_id).order_by(identities.c.id)
    return [Identity(**row._mapping) for row in uow.execute(rows)]  # noqa: SLF001 - SQLAlchemy's public name for it


def remove_all(uow: UnitOfWork, account_id: UUID) -> int:
    """Delete the identities of an account, and the links that it asked for; return the number of identities."""
    uow.execute(delete(sign_in_attempts).where(sign_in_attempts.c.account_id == account_id))
    return uow.execute(delete(identities).where(identities.c.account_id == account_id)).rowcount


def remove_identity(uow: UnitOfWork, identity_id: UUID) -> None:
    """Delete an identity."""
    uow.execute(delete(identities).where(identities.c.id == identity_id))
