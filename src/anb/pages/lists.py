"""Lists on pages: the part that is shown, and the links to others."""

from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Query

from anb.accounts.domain import fold
from anb.contest import seasons
from anb.contest.domain import Season
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.pages.view import with_query
from anb.web.paging import decode, encode

ROWS = 24  # fills rows of one, two, three and four cards

Cursor = Annotated[str, Query(max_length=300)]
Slug = Annotated[str, Query(max_length=100, pattern=r"^[a-z0-9-]*$")]
City = Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
Seed = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")]  # of a shuffle


class Paging(NamedTuple):
    """The addresses of the next part of a list and, unless this is it, of the first; "" if there is none."""

    next: str
    first: str


class ListPage:
    """The part of a list that was requested."""

    def __init__(self, cursor: Cursor = "", city: City = "", season: Slug = "") -> None:
        self.page = Page(limit=ROWS, after=decode(cursor) if cursor else None)
        self.is_first = not cursor
        self.city = " ".join(city.split())
        self.slug = season
        self._cursor = cursor

    def links(self, path: str, listed: Listed[Any]) -> Paging:
        """Return the links to the other parts of a list."""
        after = listed.next_after
        onward = with_query(path, city=self.city, season=self.slug, cursor=encode(after)) if after else ""
        return Paging(onward, "" if self.is_first else with_query(path, city=self.city, season=self.slug))

    def address(self, path: str) -> str:
        """Return the address at which a path shows this same part."""
        return with_query(path, city=self.city, season=self.slug, cursor=self._cursor)

    def season_in(self, uow: UnitOfWork) -> Season | None:
        """Return the requested season; None: the one that lists show by default. Raises SeasonNotFound."""
        return seasons.show(uow, self.slug) if self.slug else None

    def city_among(self, cities: list[str]) -> str:
        """Return the requested city, spelled as in the list."""
        return next((name for name in cities if fold(name) == fold(self.city)), self.city)


PartDep = Annotated[ListPage, Depends(ListPage)]
