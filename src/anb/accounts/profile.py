"""What a person says about themselves: their public name, city and year of birth, with the history of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from anb.accounts import store
from anb.accounts.domain import Account, AccountNotFound, fold, free_username, username_for
from anb.db.session import UnitOfWork
from anb.db.tables_accounts import profile_changes, users
from anb.errors import Refusal
from anb.sentences import Language

PERSON = "the person"


@dataclass(frozen=True)
class Profile:
    """A person as they describe themselves."""

    first_name: str
    last_name: str
    public_name: str | None  # None: the real name is shown
    username: str
    city: str
    birth_year: int | None

    @property
    def shown_name(self) -> str:
        """The name that the public reads."""
        return self.public_name or f"{self.first_name} {self.last_name}"


@dataclass(frozen=True)
class ProfileChange:
    """An entry of a profile's history."""

    field: str
    before: str | None
    after: str | None
    who: str
    changed_at: datetime


class CityChangesUsed(Refusal):
    """The city was changed as often as a season allows."""

    code: ClassVar[str] = "city-changes-used"


class PublicNameBusy(Refusal):
    """Another person took the same short name at this moment."""

    code: ClassVar[str] = "public-name-busy"


class BirthYearByOrganizers(Refusal):
    """Only an organizer makes an adult of a person who said they are a minor."""

    code: ClassVar[str] = "birth-year-by-organizers"


def show(uow: UnitOfWork, account_id: UUID) -> Profile:
    """Return a person's profile. Raises AccountNotFound."""
    names = ("first_name", "last_name", "public_name", "username", "city", "birth_year")
    row = uow.execute(select(*(users.c[name] for name in names)).where(users.c.id == account_id)).one_or_none()
    if row is None:
        raise AccountNotFound
    return Profile(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def find_username(uow: UnitOfWork, username: str) -> Account | None:
    """Return the account of a public name; None also for an erased one."""
    return store.find_username(uow, username)


def birth_year(uow: UnitOfWork, account_id: UUID) -> int | None:
    """Return the year in which a person was born; None if they never said it."""
    year: int | None = uow.execute(select(users.c.birth_year).where(users.c.id == account_id)).scalar_one_or_none()
    return year


def tell_birth_year(uow: UnitOfWork, account_id: UUID, year: int) -> bool:
    """Store a year of birth that was unknown; False if one is known."""
    untold = update(users).where(users.c.id == account_id, users.c.birth_year.is_(None))
    return uow.execute(untold.values(birth_year=year)).rowcount == 1


def correct_birth_year(uow: UnitOfWork, account_id: UUID, year: int, who: str = PERSON) -> bool:
    """Correct a year of birth; False if it is the same. The caller has locked the account."""
    before = birth_year(uow, account_id)
    if before == year:
        return False
    uow.execute(update(users).where(users.c.id == account_id).values(birth_year=year))
    _note(uow, account_id, "birth_year", before, year, who)
    return True


def choose_public_name(uow: UnitOfWork, account_id: UUID, chosen: str | None) -> bool:
    """Show a name of the person's choice instead of the real one, or the real one (None); False if it is the same.

    The short name, which the ranking shows too, follows: it must not give the real name away. The caller has locked
    the account. Raises PublicNameBusy.
    """
    known = show(uow, account_id)
    if known.public_name == chosen:
        return False
    wanted = username_for(chosen, "") if chosen else username_for(known.first_name, known.last_name)
    username = free_username(wanted, store.usernames_like(uow, wanted, but=account_id))
    values = {"public_name": chosen, "username": username}
    try:
        uow.execute(update(users).where(users.c.id == account_id).values(**values))
    except IntegrityError:
        raise PublicNameBusy from None
    _note(uow, account_id, "public_name", known.public_name, chosen, PERSON)
    return True


def choose_language(uow: UnitOfWork, account_id: UUID, language: Language) -> None:
    """Write to a person in another language from now on."""
    uow.execute(update(users).where(users.c.id == account_id).values(language=language))


def move(uow: UnitOfWork, account_id: UUID, city: str, *, since: datetime | None, most: int) -> bool:
    """Change the city; False if it is the same. The caller has locked the account.

    `most` changes are allowed since the season began. Raises CityChangesUsed.
    """
    before = show(uow, account_id).city
    if fold(before) == fold(city):
        return False
    made = select(func.count()).where(profile_changes.c.account_id == account_id, profile_changes.c.field == "city")
    counted = made if since is None else made.where(profile_changes.c.changed_at >= since)
    if uow.execute(counted).scalar_one() >= most:
        raise CityChangesUsed(city=before)
    uow.execute(update(users).where(users.c.id == account_id).values(city=city, city_key=fold(city)))
    _note(uow, account_id, "city", before, city, PERSON)
    return True


def note_photo_removal(uow: UnitOfWork, account_id: UUID, reason: str, who: str) -> None:
    """Note that an organizer removed a person's photo. The caller has locked the account."""
    _note(uow, account_id, "photo", None, reason, who)


def photo_removal(uow: UnitOfWork, account_id: UUID) -> str | None:
    """Return why an organizer last removed a person's photo; None if none did."""
    removed = (profile_changes.c.account_id == account_id) & (profile_changes.c.field == "photo")
    last = select(profile_changes.c.after).where(removed).order_by(profile_changes.c.id.desc()).limit(1)
    reason: str | None = uow.execute(last).scalar_one_or_none()
    return reason


def history(uow: UnitOfWork, account_id: UUID) -> Sequence[ProfileChange]:
    """Return the changes of a profile, oldest first."""
    names = ("field", "before", "after", "who", "changed_at")
    theirs = select(*(profile_changes.c[name] for name in names)).where(profile_changes.c.account_id == account_id)
    return [ProfileChange(**row._mapping) for row in uow.execute(theirs.order_by(profile_changes.c.id))]  # noqa: SLF001


def _note(uow: UnitOfWork, account_id: UUID, field: str, before: object, after: object, who: str) -> None:
    told = {"before": None if before is None else str(before), "after": None if after is None else str(after)}
    uow.execute(insert(profile_changes).values(account_id=account_id, field=field, who=who, **told))
