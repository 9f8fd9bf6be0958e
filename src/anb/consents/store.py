"""Consents as rows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, literal, select, update

from anb.consents.domain import Agreement, Answer, Channel, Guardian, KeptConsent, NewGuardian
from anb.db.session import UnitOfWork
from anb.db.tables_consents import consents, guardians
from anb.db.tables_seasons import seasons
from anb.sentences import Language

# Seasons follow one another: the last one that began is the open one, if any is.
_BEGUN = seasons.c.opened_at <= func.statement_timestamp()


def asks_consent(uow: UnitOfWork) -> bool:
    """Say whether the open season asks for consent; between seasons, the last one decides."""
    rule = select(seasons.c.asks_consent).order_by(_BEGUN.desc(), seasons.c.opened_at.desc()).limit(1)
    return bool(uow.execute(rule).scalar_one_or_none())


def now(uow: UnitOfWork) -> datetime:
    """Return the database's time."""
    moment: datetime = uow.execute(select(func.now())).scalar_one()
    return moment


def add(uow: UnitOfWork, account_id: UUID, agreement: Agreement, guardian_id: UUID | None = None) -> None:
    """Add what a person answered."""
    uow.execute(
        insert(consents).values(
            account_id=account_id,
            who="player" if guardian_id is None else "guardian",
            answer="given" if agreement.given else "refused",
            version=agreement.version,
            digest=agreement.digest,
            language=agreement.language,
            channel=agreement.channel.value,
            guardian_id=guardian_id,
        )
    )


def player_version(uow: UnitOfWork, account_id: UUID) -> str | None:
    """Return the latest version that a player agreed to."""
    theirs = select(func.max(consents.c.version)).where(
        consents.c.account_id == account_id, consents.c.guardian_id.is_(None), consents.c.answer == "given"
    )
    version: str | None = uow.execute(theirs).scalar_one()
    return version


def guardian_version(uow: UnitOfWork, guardian_id: UUID) -> str | None:
    """Return the version that a guardian agreed to."""
    theirs = select(func.max(consents.c.version)).where(
        consents.c.guardian_id == guardian_id, consents.c.answer == "given"
    )
    version: str | None = uow.execute(theirs).scalar_one()
    return version


def list_of(uow: UnitOfWork, account_id: UUID) -> list[KeptConsent]:
    """Return everything that was answered for an account, oldest first."""
    names = ("who", "answer", "version", "language", "channel", "answered_at")
    kept = select(*(consents.c[name] for name in names)).where(consents.c.account_id == account_id)
    rows = uow.execute(kept.order_by(consents.c.id)).all()
    return [KeptConsent(**{**row._mapping, "channel": Channel(row.channel)}) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it


def latest_guardian(uow: UnitOfWork, account_id: UUID) -> Guardian | None:
    """Return the guardian who was asked last."""
    newest = select(guardians).where(guardians.c.account_id == account_id).order_by(guardians.c.id.desc()).limit(1)
    row = uow.execute(newest).one_or_none()
    return None if row is None else _guardian(row)


def list_guardians(uow: UnitOfWork, account_id: UUID) -> list[Guardian]:
    """Return every guardian who was asked, oldest first."""
    asked = select(guardians).where(guardians.c.account_id == account_id).order_by(guardians.c.id)
    return [_guardian(row) for row in uow.execute(asked)]


def has_refused(uow: UnitOfWork, account_id: UUID, email: str) -> bool:
    """Say whether a guardian with this address has refused."""
    said_no = select(guardians.c.id).where(
        guardians.c.account_id == account_id, guardians.c.email == email, guardians.c.answer == Answer.REFUSED.value
    )
    return uow.execute(said_no).first() is not None


def add_guardian(uow: UnitOfWork, account_id: UUID, new: NewGuardian, language: Language) -> Guardian:
    """Add a guardian who is being asked."""
    row = uow.execute(
        insert(guardians)
        .values(account_id=account_id, name=new.name, email=new.email, language=language)
        .returning(guardians)
    ).one()
    return _guardian(row)


def ask_again(uow: UnitOfWork, guardian_id: UUID, name: str, language: Language) -> Guardian:
    """Begin the guardian's time anew."""
    row = uow.execute(
        update(guardians)
        .where(guardians.c.id == guardian_id)
        .values(asked_at=func.now(), name=name, language=language)
        .returning(guardians)
    ).one()
    return _guardian(row)


def answer(uow: UnitOfWork, guardian_id: UUID, said: Answer) -> Guardian | None:
    """Store how a request ended; None if it has ended already."""
    row = uow.execute(
        update(guardians)
        .where(guardians.c.id == guardian_id, guardians.c.answer.is_(None))
        .values(answer=said.value, answered_at=func.now())
        .returning(guardians)
    ).one_or_none()
    return None if row is None else _guardian(row)


def take_back(uow: UnitOfWork, guardian_id: UUID) -> bool:
    """Turn the yes of a guardian into a no, with a consent of its own; False if the guardian has not agreed."""
    changed = update(guardians).where(guardians.c.id == guardian_id, guardians.c.answer == Answer.CONFIRMED.value)
    if uow.execute(changed.values(answer=Answer.REFUSED.value, answered_at=func.now())).rowcount == 0:
        return False
    names = ("account_id", "who", "version", "digest", "language", "guardian_id")
    given = select(*(consents.c[name] for name in names), literal("refused"), literal(Channel.LINK.value))
    theirs = given.where(consents.c.guardian_id == guardian_id, consents.c.answer == "given")
    latest = theirs.order_by(consents.c.id.desc()).limit(1)
    uow.execute(insert(consents).from_select([*names, "answer", "channel"], latest))
    return True


def forget_guardians(uow: UnitOfWork, account_id: UUID) -> int:
    """Take the names and addresses from the guardians of an account; return how many."""
    theirs = update(guardians).where(guardians.c.account_id == account_id)
    return uow.execute(theirs.values(name="", email="")).rowcount


def _guardian(row: Row[Any]) -> Guardian:
    said = None if row.answer is None else Answer(row.answer)
    return Guardian(**{**row._mapping, "answer": said})  # noqa: SLF001
