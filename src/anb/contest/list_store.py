"""The lists of public clips in SQL: newest first, shuffled, of a city, found by words. Each page is read by key."""

from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Select,
    Uuid,
    any_,
    delete,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
)

from anb.contest.domain import PublicClip
from anb.contest.listing import Shuffle, WantedClips
from anb.contest.season_store import LATEST
from anb.contest.store import COUNTS, PUBLIC, SHOWN_NAME
from anb.db.paging import Listed, Page, count_of, cut, moment
from anb.db.session import UnitOfWork
from anb.db.tables import renditions, videos, votes
from anb.db.tables_accounts import users
from anb.db.tables_lists import list_changes, listed_clips
from anb.media.renditions import Rendition

# A search reads this many clips in the list's order; if a page is not full by then, the words are rare enough to be
# looked up in their index, and what is found sorted.
WALK = 2000
RENAMED_MINUTES = 10
_COUNTED = (
    select(
        func.count().filter(votes.c.jury.is_(False)).label("votes"),
        func.count().filter(votes.c.jury).label("jury_votes"),
    )
    .where(votes.c.video_id == videos.c.id, COUNTS)
    .lateral()
)
_EDIT = (renditions.c.video_id == videos.c.id) & (renditions.c.kind == literal_column(f"'{Rendition.PROCESSED.value}'"))
_CLIPS = (
    select(
        videos.c.id,
        videos.c.title,
        SHOWN_NAME.label("player"),
        users.c.username,
        func.coalesce(listed_clips.c.city, users.c.city).label("city"),
        _COUNTED.c.votes,
        _COUNTED.c.jury_votes,
        renditions.c.seconds,
        videos.c.published_at,
        renditions.c.recipe,
    )
    .select_from(videos)
    .outerjoin(listed_clips, videos.c.id == listed_clips.c.video_id)
    .join(users, users.c.id == videos.c.owner_id)
    .join(_COUNTED, true())
    .join(renditions, _EDIT)
    .where(PUBLIC)
)
_ORDER = (listed_clips.c.published_at.desc(), listed_clips.c.video_id.desc())
_KEY = (listed_clips.c.published_at, listed_clips.c.video_id)


def get_public(uow: UnitOfWork, video_id: UUID) -> PublicClip | None:
    """Return a video open to votes."""
    row = uow.execute(_CLIPS.where(videos.c.id == video_id)).one_or_none()
    return None if row is None else _clip(row)


@cache
def _newest(rows: int) -> Select[Any]:
    """Build the list query once for each limit, as a literal, so that PostgreSQL reuses its plan."""
    return _CLIPS.order_by(*_ORDER).limit(literal_column(str(rows)))


def list_newest(uow: UnitOfWork, page: Page, wanted: WantedClips) -> Listed[PublicClip]:
    """Return a page of the clips, newest first."""
    query = _newest(page.limit + 1).where(*_among(wanted), *_behind(page))
    if page.skip:
        query = query.offset(page.skip)
    rows = [_clip(row) for row in uow.execute(query).all()]  # row by row takes twice the time
    return cut(rows, count(uow, wanted), page, _key)


def search(uow: UnitOfWork, page: Page, wanted: WantedClips) -> Listed[PublicClip]:
    """Return a page of the clips that have each word in their title or their player's name, newest first."""
    asked, most = func.words_wanted(wanted.words), page.skip + page.limit + 1
    listed = select(*_KEY, listed_clips.c.words).where(*_among(wanted), *_behind(page))
    walked = listed.order_by(*_ORDER).limit(literal_column(str(WALK))).cte().prefix_with("MATERIALIZED")
    ids = _first(uow, select(walked).where(walked.c.words.op("@@")(asked)), most)
    if len(ids) < most:
        found = listed.where(listed_clips.c.words.op("@@")(asked)).cte().prefix_with("MATERIALIZED")
        ids = _first(uow, select(found), most)
    rows = _by_ids(uow, ids[page.skip :])
    return cut(rows, None, page, _key)


def _first(uow: UnitOfWork, query: Select[Any], most: int) -> list[UUID]:
    """Return the ids of the newest clips of a query."""
    wide = query.subquery()
    ids = select(wide.c.video_id).order_by(wide.c.published_at.desc(), wide.c.video_id.desc()).limit(most)
    return list(uow.execute(ids).scalars())


def list_shuffled(uow: UnitOfWork, page: Page, wanted: WantedClips) -> Listed[PublicClip]:
    """Return a page of the clips in the order of a seed, in which each has its place."""
    total, key = count(uow, wanted), page.key(count_of, count_of, UUID)
    bits, begin, last = (None, 0, None) if key is None else key
    shuffle = Shuffle.of(wanted.seed, total) if bits is None else Shuffle(wanted.seed, bits)
    found: list[tuple[int, UUID]] = []  # the step and the clip
    for step in range(begin, shuffle.blocks):
        ids = shuffle.arranged(_block(uow, wanted, shuffle.block(step)))
        if step == begin and last is not None:
            ids = [each for each in ids if shuffle.place(each) > shuffle.place(last)]
        found += [(step, each) for each in ids]
        if len(found) > page.limit:
            break
    chosen = found[: page.limit + 1]
    steps = {video: step for step, video in chosen}
    rows = _by_ids(uow, [video for _, video in chosen])
    return cut(rows, total, page, lambda clip: (shuffle.bits, steps[clip.id], clip.id))


def _block(uow: UnitOfWork, wanted: WantedClips, draws: tuple[int, int]) -> list[UUID]:
    """Return the clips whose draws are in a range."""
    drawn = listed_clips.c.draw
    query = select(listed_clips.c.video_id).where(*_among(wanted), drawn >= draws[0], drawn < draws[1])
    return list(uow.execute(query).scalars())


def count(uow: UnitOfWork, wanted: WantedClips) -> int:
    """Return how many clips a list has, all words left aside."""
    query = select(func.count()).select_from(listed_clips).where(*_among(wanted))
    key = ("public", wanted.season and wanted.season.id, wanted.city_key)
    return uow.totals.of(key, lambda: uow.execute(query).scalar_one())


def _by_ids(uow: UnitOfWork, ids: list[UUID]) -> list[PublicClip]:
    """Return these clips in the order of their ids in the list."""
    found = {
        row.id: _clip(row) for row in uow.execute(_CLIPS.where(videos.c.id == any_(literal(ids, ARRAY(Uuid))))).all()
    }
    return [found[each] for each in ids if each in found]


def relist_renamed(uow: UnitOfWork) -> None:
    """List the clips of players anew whose name changed a moment ago: one that became public just then has the old one.

    Changes of earlier days are forgotten.
    """
    at, player_id = list_changes.c.at, list_changes.c.player_id
    lately = select(player_id).where(player_id.is_not(None), at > func.now() - timedelta(minutes=RENAMED_MINUTES))
    players = lately.distinct().subquery()
    uow.execute(select(func.relist_player(players.c.player_id))).all()
    uow.execute(delete(list_changes).where(at < func.now() - timedelta(days=1)))


def cities(uow: UnitOfWork, wanted: WantedClips) -> list[str]:
    """Return the cities that have players with public videos in a season, by name: one step of an index for each."""
    city_key = listed_clips.c.city_key
    first = select(city_key, listed_clips.c.city).where(*_among(wanted)).order_by(city_key).limit(1)
    found = select(first.subquery()).cte("found", recursive=True)
    onward = first.where(city_key > found.c.city_key).lateral()
    every = found.union_all(select(onward).select_from(found))
    return list(uow.execute(select(every.c.city).order_by(every.c.city_key)).scalars())


def _key(clip: PublicClip) -> tuple[Any, ...]:
    return clip.published_at.isoformat(), clip.id


def _behind(page: Page) -> list[ColumnElement[bool]]:
    """Return the condition that clips come after those of the page before."""
    after = page.key(moment, UUID)
    return [] if after is None else [tuple_(*_KEY) < after]


def _among(wanted: WantedClips) -> list[ColumnElement[bool]]:
    season = listed_clips.c.season_id == (LATEST if wanted.season is None else wanted.season.id)
    return [season] if wanted.city_key is None else [season, listed_clips.c.city_key == wanted.city_key]


def _clip(row: Row[Any]) -> PublicClip:
    values: tuple[Any, ...] = tuple(row)  # in the order of its fields
    return PublicClip(*values)
