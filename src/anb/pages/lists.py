"""Lists on pages: the part that is shown, and the links to others."""

import time
from hashlib import sha256
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Depends, Query

from anb.accounts.domain import fold
from anb.contest import seasons
from anb.contest.domain import Season
from anb.contest.listing import ListOrder, WantedClips, is_searchable
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from anb.pages.view import with_query
from anb.web.paging import decode, encode

ROWS = 24  # fills rows of one, two, three and four cards

Cursor = Annotated[str, Query(max_length=300)]
Slug = Annotated[str, Query(max_length=100, pattern=r"^[a-z0-9-]*$")]
City = Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")]
Words = Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")]  # of a search
Seed = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")]  # of a shuffle


class Paging(NamedTuple):
    """The addresses of the next part of a list and, unless this is it, of the first; "" if there is none."""

    next: str
    first: str


def part_after(cursor: str, rows: int) -> Page:
    """Return the part of a list that follows a cursor; "" is the beginning. Raises InvalidPage."""
    return Page(limit=rows, after=decode(cursor) if cursor else None)


def next_part(path: str, listed: Listed[Any], **named: str) -> str:
    """Return the address of the next part of a list, which these parameters choose; "" if there is none."""
    return with_query(path, **named, cursor=encode(listed.next_after)) if listed.next_after else ""


class ListPage:
    """The part of a list that was requested."""

    def __init__(self, cursor: Cursor = "", city: City = "", season: Slug = "") -> None:
        self.page = part_after(cursor, ROWS)
        self.is_first = not cursor
        self.city = " ".join(city.split())
        self.slug = season
        self._cursor = cursor

    def links(self, path: str, listed: Listed[Any]) -> Paging:
        """Return the links to the other parts of a list."""
        onward = next_part(path, listed, **self.named())
        return Paging(onward, "" if self.is_first else with_query(path, **self.named()))

    def address(self, path: str) -> str:
        """Return the address at which a path shows this same part."""
        return with_query(path, **self.named(), cursor=self._cursor)

    def named(self) -> dict[str, str]:
        """Return the parameters that choose this list."""
        return {"city": self.city, "season": self.slug}

    def season_in(self, uow: UnitOfWork) -> Season | None:
        """Return the requested season; None: the one that lists show by default. Raises SeasonNotFound."""
        return seasons.show(uow, self.slug) if self.slug else None

    def city_among(self, cities: list[str]) -> str:
        """Return the requested city, spelled as in the list."""
        return next((name for name in cities if fold(name) == fold(self.city)), self.city)


def _following(seed: str) -> str:
    """Return the seed of the next shuffle: the same for everyone within an hour, because caches share the page."""
    return sha256(f"{int(time.time()) // 3600} {seed}".encode()).hexdigest()[:8]


class ClipChoice:
    """Which clips, and in which order; a shuffle has a seed, and what is searched is not shuffled."""

    def __init__(self, order: ListOrder, city: str, seed: str, words: str) -> None:
        self.words = " ".join(words.split())
        can_shuffle = bool(seed) and not self.words
        self.order = ListOrder.NEWEST if order is ListOrder.SHUFFLE and not can_shuffle else order
        self.city = " ".join(city.split())
        self.seed = seed if self.order is ListOrder.SHUFFLE else ""

    def wanted(self, season: Season | None) -> WantedClips:
        """Return the clips that are chosen, in a season."""
        city_key = fold(self.city) if self.city else None
        words = self.words if is_searchable(self.words) else ""
        return WantedClips(season=season, city_key=city_key, words=words, order=self.order, seed=self.seed)

    def chosen(self) -> dict[str, str]:
        """Return the parameters that make this choice."""
        order = "" if self.order is ListOrder.NEWEST else self.order.value
        return {"q": self.words, "order": order, "city": self.city, "seed": self.seed}


class ClipsPage(ListPage, ClipChoice):
    """The part of the list of clips that was requested, and its order."""

    def __init__(
        self,
        order: ListOrder = ListOrder.NEWEST,
        seed: Seed = "",
        cursor: Cursor = "",
        city: City = "",
        season: Slug = "",
        q: Words = "",
    ) -> None:
        ListPage.__init__(self, cursor, city, season)
        ClipChoice.__init__(self, order, city, seed, q)

    @property
    def is_opening(self) -> bool:
        """Whether this is what the home page shows first."""
        chosen = self.city or self.slug or self.words or self.order is not ListOrder.NEWEST
        return self.is_first and not chosen

    def named(self) -> dict[str, str]:
        """Return the parameters that choose this list."""
        return {**super().named(), **self.chosen()}

    def watch(self, video_id: UUID) -> str:
        """Return the address of a clip's page that leads on through this list."""
        return with_query(f"/videos/{video_id}", **(self.named() | {"season": ""}))

    @property
    def orders(self) -> dict[str, str]:
        """The addresses of the list in each order; a shuffle leads to another one."""
        seeds = {ListOrder.SHUFFLE: _following(self.seed)}
        offered = [order for order in ListOrder if order is not ListOrder.SHUFFLE or not self.words]
        named = {order: "" if order is ListOrder.NEWEST else order.value for order in offered}
        return {
            order.value: with_query("/", **(self.named() | {"order": name, "seed": seeds.get(order, "")}))
            for order, name in named.items()
        }

    @property
    def beside_words(self) -> dict[str, str]:
        """The other parameters of the list, which a search keeps; a shuffle, which it cannot, is left out."""
        kept = self.named() | {"q": "", "seed": ""}
        return {name: value for name, value in kept.items() if value and value != ListOrder.SHUFFLE.value}

    @property
    def beside_city(self) -> dict[str, str]:
        """The other parameters of the list, which a choice of a city keeps."""
        return {name: value for name, value in (self.named() | {"city": ""}).items() if value}

    def other_city(self, city: str) -> str:
        """Return the address of the list of another city, or of all."""
        return with_query("/", **(self.named() | {"city": city}))


PartDep = Annotated[ListPage, Depends(ListPage)]
ClipsPartDep = Annotated[ClipsPage, Depends(ClipsPage)]
