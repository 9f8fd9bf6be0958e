"""The rows that lists are read from: of `listed_clips` for the newest, of the tallies for the most voted.

Every statement of a list is built once for each of its shapes, since to build one takes as long as to run it. What a
reader asks for is in its parameters.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, Text, Uuid, bindparam, select, tuple_

from anb.contest.listing import ListOrder, WantedClips
from anb.contest.season_store import LATEST
from anb.db.paging import Page, count_of, moment
from anb.db.tables_lists import listed_clips
from anb.db.tables_votelog import clip_tallies

_SEASON, _CITY = bindparam("season", type_=Uuid), bindparam("city", type_=Text)


class Scope(NamedTuple):
    """Whether a list is of a season that its reader names, and whether it is of one city."""

    of_season: bool
    of_city: bool

    @property
    def season(self) -> Any:  # noqa: ANN401 - a parameter, or a subquery that finds the season
        """The season of the list."""
        return _SEASON if self.of_season else LATEST

    @property
    def clips(self) -> list[ColumnElement[bool]]:
        """The condition that a clip is of the season and the city."""
        return self.among(listed_clips.c.season_id, listed_clips.c.city_key)

    def among(self, season_id: ColumnElement[Any], city_key: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """Return the condition that these columns name the season and the city."""
        season = season_id == self.season
        return [season, city_key == _CITY] if self.of_city else [season]


def scope_of(wanted: WantedClips) -> Scope:
    """Return the scope of a list."""
    return Scope(wanted.season is not None, wanted.city_key is not None)


def values_of(wanted: WantedClips) -> dict[str, Any]:
    """Return the parameters of statements with the scope of a list."""
    season = {} if wanted.season is None else {"season": wanted.season.id}
    return season if wanted.city_key is None else season | {"city": wanted.city_key}


class Source(NamedTuple):
    """The rows of a list; an index has them in its order."""

    key: tuple[ColumnElement[Any], ...]
    among: list[ColumnElement[bool]]  # of the season and the city
    readers: tuple[Callable[[Any], Any], ...]  # of the parts of a cursor
    backward: bool = False

    @property
    def order(self) -> list[ColumnElement[Any]]:
        """The order of the list."""
        return [each.desc() if self.backward else each for each in self.key]

    def order_within(self, rows: CTE) -> list[ColumnElement[Any]]:
        """Return the same order among rows that were chosen with their key."""
        keys = [rows.c[str(each.key)] for each in self.key]
        return [each.desc() if self.backward else each for each in keys]

    @property
    def behind(self) -> ColumnElement[bool]:
        """The condition that clips come after those of the page before."""
        key = tuple_(*self.key)
        after = tuple_(*(bindparam(f"after_{place}", type_=each.type) for place, each in enumerate(self.key)))
        return key < after if self.backward else key > after

    def after(self, page: Page) -> dict[str, Any]:
        """Return the parameters of `behind`; none for a first page. Raises InvalidPage."""
        return {f"after_{place}": part for place, part in enumerate(page.key(*self.readers) or ())}

    def select(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """Select the keys of the rows, with columns of `listed_clips`."""
        if self.backward:
            return select(*self.key, *columns)
        joined = select(*self.key, *columns).select_from(clip_tallies)
        return joined.join(listed_clips, listed_clips.c.video_id == clip_tallies.c.video_id)


@cache
def source_of(order: ListOrder, scope: Scope) -> Source:
    """Return the rows of a list that has an order of its own."""
    if order is not ListOrder.VOTES:
        key = (listed_clips.c.published_at, listed_clips.c.video_id)
        return Source(key, scope.clips, (moment, UUID), backward=True)
    most = (clip_tallies.c.shortfall, clip_tallies.c.reached_index, clip_tallies.c.video_id)
    among = scope.among(clip_tallies.c.season_id, clip_tallies.c.city_key)
    return Source(most, [*among, clip_tallies.c.is_open], (_shortfall, count_of, UUID))


def _shortfall(part: object) -> int:
    """Read the votes of a cursor as the index has them: negated, so that its whole order is ascending."""
    return -min(count_of(part), 2**31 - 1)
