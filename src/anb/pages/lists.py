"""Lists on pages: which part of one is shown, and the links that lead on."""

from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Query

from anb.accounts.domain import fold
from anb.db.paging import Listed, Page
from anb.pages.view import with_query
from anb.web.paging import decode, encode

ROWS = 24  # fills lines of one, two, three and four cards

Cursor = Annotated[str, Query(max_length=300)]
City = Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")]


class Paging(NamedTuple):
    """Where a list goes on, and where it begins when this is not its beginning; "" when there is no such place."""

    next: str
    first: str


class Part:
    """The part of a list somebody asked for."""

    def __init__(self, cursor: Cursor = "", city: City = "") -> None:
        self.page = Page(limit=ROWS, after=decode(cursor) if cursor else None)
        self.is_first = not cursor
        self.city = " ".join(city.split())

    def links(self, path: str, listed: Listed[Any]) -> Paging:
        """Return the links of a page of this list."""
        after = listed.next_after
        onward = with_query(path, city=self.city, cursor=encode(after)) if after else ""
        return Paging(onward, "" if self.is_first else with_query(path, city=self.city))

    def city_among(self, cities: list[str]) -> str:
        """Return the city asked for, spelled as the list spells it."""
        return next((name for name in cities if fold(name) == fold(self.city)), self.city)


PartDep = Annotated[Part, Depends(Part)]
