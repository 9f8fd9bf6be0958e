"""Pages of an ordered list: the requested rows, and the rows found."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar

from anb.errors import Refusal

T = TypeVar("T")

_MOST = 2**63 - 1  # PostgreSQL's bigint


class InvalidPage(Refusal):
    """The requested page does not exist: the cursor is not ours, or comes together with a page number."""

    code: ClassVar[str] = "invalid-page"


def count_of(part: object) -> int:
    """Read a part of a key that counts something. Raises ValueError for a number that no row can have."""
    if type(part) is not int or not 0 <= part <= _MOST:
        raise ValueError
    return part


def moment(part: object) -> datetime:
    """Read a part of a key that is a time. Raises TypeError, ValueError, OverflowError."""
    if not isinstance(part, str):
        raise TypeError
    return datetime.fromisoformat(part).astimezone(UTC)


@dataclass(frozen=True)
class Page:
    """The requested rows of an ordered list: `limit` rows after a key, or after `skip` rows."""

    limit: int = 20
    after: tuple[Any, ...] | None = None
    skip: int = 0

    def key(self, *readers: Callable[[Any], Any]) -> tuple[Any, ...] | None:
        """Return the key to continue after, each part read by its reader. Raises InvalidPage."""
        if self.after is None:
            return None
        try:
            return tuple(read(part) for read, part in zip(readers, self.after, strict=True))
        except (ArithmeticError, AttributeError, TypeError, ValueError):
            raise InvalidPage(value="cursor") from None


@dataclass(frozen=True)
class Listed(Generic[T]):
    """One page of a list, the size of the whole list, and the key after which the next page continues."""

    rows: list[T]
    total: int | None  # None: not counted
    next_after: tuple[Any, ...] | None


def cut(rows: list[T], total: int | None, page: Page, key: Callable[[T], tuple[Any, ...]]) -> Listed[T]:
    """Make a page of up to `limit + 1` rows; the extra row only shows that a next page exists."""
    kept = rows[: page.limit]
    return Listed(kept, total, key(kept[-1]) if len(rows) > page.limit else None)
