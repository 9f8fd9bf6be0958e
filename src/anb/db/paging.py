"""Pages of an ordered list: which rows are wanted, and which came."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from anb.errors import Refusal

T = TypeVar("T")


class InvalidPage(Refusal):
    """The page asked for cannot be: a cursor that is not ours, or one beside a page number."""

    code: ClassVar[str] = "invalid-page"
    es: ClassVar[str] = "La página pedida no es válida: {value}."
    en: ClassVar[str] = "The page asked for is not valid: {value}."


@dataclass(frozen=True)
class Page:
    """Which rows of an ordered list are wanted: `limit` rows after a key, or after `skip` rows."""

    limit: int = 20
    after: tuple[Any, ...] | None = None
    skip: int = 0

    def key(self, *readers: Callable[[Any], Any]) -> tuple[Any, ...] | None:
        """Return the key to go on after, each part read as what it is. Raises InvalidPage."""
        if self.after is None:
            return None
        try:
            return tuple(read(part) for read, part in zip(readers, self.after, strict=True))
        except (AttributeError, TypeError, ValueError):
            raise InvalidPage(value="cursor") from None


@dataclass(frozen=True)
class Listed(Generic[T]):
    """One page of a list, the size of the whole, and the key after which the next page goes on."""

    rows: list[T]
    total: int
    next_after: tuple[Any, ...] | None = None


def cut(rows: list[T], total: int, page: Page, key: Callable[[T], tuple[Any, ...]]) -> Listed[T]:
    """Make a page of up to `limit + 1` rows; the one too many only tells that there is a next page."""
    kept = rows[: page.limit]
    return Listed(kept, total, key(kept[-1]) if len(rows) > page.limit else None)
