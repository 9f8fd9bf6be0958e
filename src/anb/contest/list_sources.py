"""The rows that lists are read from: of `listed_clips` for the newest, of the tallies for the most voted."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, select, tuple_

from anb.contest.listing import ListOrder, WantedClips
from anb.contest.season_store import LATEST
from anb.db.paging import Page, count_of, moment
from anb.db.tables_lists import listed_clips
from anb.db.tables_votelog import clip_tallies


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

    def behind(self, page: Page) -> list[ColumnElement[bool]]:
        """Return the condition that clips come after those of the page before. Raises InvalidPage."""
        after = page.key(*self.readers)
        if after is None:
            return []
        key = tuple_(*self.key)
        return [key < after if self.backward else key > after]

    def select(self, *columns: ColumnElement[Any]) -> Select[Any]:
        """Select the keys of the rows, with columns of `listed_clips`."""
        if self.backward:
            return select(*self.key, *columns)
        joined = select(*self.key, *columns).select_from(clip_tallies)
        return joined.join(listed_clips, listed_clips.c.video_id == clip_tallies.c.video_id)


def source_of(wanted: WantedClips) -> Source:
    """Return the rows of a list that has an order of its own."""
    if wanted.order is not ListOrder.VOTES:
        key = (listed_clips.c.published_at, listed_clips.c.video_id)
        return Source(key, listed_among(wanted), (moment, UUID), backward=True)
    most = (clip_tallies.c.shortfall, clip_tallies.c.reached_index, clip_tallies.c.video_id)
    open_clips = [clip_tallies.c.season_id == _season(wanted), clip_tallies.c.is_open]
    if wanted.city_key is not None:
        open_clips.append(clip_tallies.c.city_key == wanted.city_key)
    return Source(most, open_clips, (_shortfall, count_of, UUID))


def listed_among(wanted: WantedClips) -> list[ColumnElement[bool]]:
    """Return the condition that a clip is of the season and the city."""
    season = listed_clips.c.season_id == _season(wanted)
    return [season] if wanted.city_key is None else [season, listed_clips.c.city_key == wanted.city_key]


def _season(wanted: WantedClips) -> Any:  # noqa: ANN401 - an id, or a subquery that finds it
    return LATEST if wanted.season is None else wanted.season.id


def _shortfall(part: object) -> int:
    """Read the votes of a cursor as the index has them: negated, so that its whole order is ascending."""
    return -min(count_of(part), 2**31 - 1)
