"""What becomes of a person's clips and data when they take them back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple
from uuid import UUID

from anb.errors import AnbError, Refusal

# An operator is warned when a request is not carried out an hour after its grace period, and this long before the law's
# limit. The longest grace period ends earlier.
LATE_START = timedelta(hours=1)
WARNED_BEFORE = timedelta(days=3)
# Ley 1581 of 2012, article 15. Holidays are not counted as days off, so that our limit is the earlier one.
WORKING_DAYS = 15
FRIDAY = 4


@dataclass(frozen=True)
class Withdrawal:
    """A clip that its owner took back."""

    video_id: UUID
    voided_votes: int  # of the open season, the public's and the jury's


@dataclass(frozen=True)
class Erasure:
    """A request to erase an account, and its outcome. It holds no personal data."""

    id: UUID
    account_id: UUID
    asked_by: str  # person, administrator, operator
    mark: str | None  # keyed hash of the e-mail, until the account is erased
    asked_at: datetime
    starts_at: datetime  # after which it cannot be cancelled
    due_at: datetime
    cancelled_at: datetime | None
    finished_at: datetime | None
    steps: tuple[str, ...]  # those done
    removed: Mapping[str, int]


class ErasureFigures(NamedTuple):
    """The state of the open requests to erase accounts."""

    unfinished: int  # that should have been carried out by now
    due_soon: int  # whose limit by law is near or over
    overdue: int  # whose limit by law is over


@dataclass(frozen=True)
class Export:
    """The archive of a person's data: asked for, and once it is ready, its file."""

    id: UUID
    account_id: UUID
    asked_at: datetime
    began_at: datetime | None
    ready_at: datetime | None
    expires_at: datetime | None
    key: str | None
    bytes: int | None


class ExportAskedAlready(Refusal):
    """An archive of this account is being made, or is ready."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "export-asked"


class ExportNotFound(Refusal):
    """No archive of this account is ready."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "export-not-found"


class ErasureAskedAlready(Refusal):
    """The account will be erased already."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "erasure-asked"


class NoKeyHere(AnbError):
    """The secret key is needed, and only web servers have it."""


def due_after(asked_at: datetime) -> datetime:
    """Return the end of the last working day in which a request of this moment must be carried out."""
    day, left = asked_at, WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() <= FRIDAY
    return day
