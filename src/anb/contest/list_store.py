"""The lists of public clips in SQL: in their order, shuffled, of a city, found by words. Each page is read by key."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache, lru_cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Row,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on

from anb.contest.domain import PublicClip
from anb.contest.list_sources import Scope, scope_of, source_of, values_of
from anb.contest.listing import ListOrder, ShownClip, Shuffle, WantedClips
from anb.contest.store import PUBLIC
from anb.db.paging import Listed, Page, count_of, cut
from anb.db.session import UnitOfWork
from anb.db.tables import renditions, videos
from anb.db.tables_accounts import SHOWN_NAME, users
from anb.db.tables_lists import list_changes, listed_clips
from anb.db.tables_votelog import clip_tallies
from anb.media.renditions import Rendition

# A search reads this many clips in the list's order; if a page is not full by then, the words are rare enough to be
# looked up in their index, and what is found sorted.
WALK = 2000
RENAMED_MINUTES = 10
SHAPES = 512  # statements that are kept: each order, scope and limit has one
_NONE: ColumnElement[int] = literal_column("0")
_EDIT = (renditions.c.video_id == videos.c.id) & (renditions.c.kind == literal_column(f"'{Rendition.PROCESSED.value}'"))
_CLIPS = (
    select(
        videos.c.id,
        videos.c.title,
        SHOWN_NAME.label("player"),
        users.c.username,
        func.coalesce(listed_clips.c.city, users.c.city).label("city"),
        func.coalesce(clip_tallies.c.votes, _NONE).label("votes"),
        func.coalesce(clip_tallies.c.jury_votes, _NONE).label("jury_votes"),
        renditions.c.seconds,
        videos.c.published_at,
        renditions.c.recipe,
        func.coalesce(clip_tallies.c.reached_index, _NONE).label("reached_index"),
    )
    .select_from(videos)
    .outerjoin(listed_clips, videos.c.id == listed_clips.c.video_id)
    .outerjoin(clip_tallies, videos.c.id == clip_tallies.c.video_id)
    .join(users, users.c.id == videos.c.owner_id)
    .join(renditions, _EDIT)
    .where(PUBLIC)
)
_THESE = _CLIPS.where(videos.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
_THIS = _CLIPS.where(videos.c.id == bindparam("id", type_=Uuid))


def get_public(uow: UnitOfWork, video_id: UUID) -> PublicClip | None:
    """Return a video open to votes."""
    row = uow.execute(_THIS, {"id": video_id}).one_or_none()
    return None if row is None else _clip(row)


def list_in_order(uow: UnitOfWork, page: Page, wanted: WantedClips) -> Listed[PublicClip]:
    """Return a page of the clips, the newest first or those with most votes."""
    scope = scope_of(wanted)
    after = source_of(wanted.order, scope).after(page)
    query = _ordered(wanted.order, scope, page.limit + 1, behind=bool(after))
    if page.skip:
        query = query.offset(page.skip)
    rows = [_clip(row) for row in uow.execute(query, values_of(wanted) | after).all()]  # row by row takes twice as long
    return cut(rows, count(uow, wanted), page, partial(_key, wanted))


@lru_cache(SHAPES)
def _ordered(order: ListOrder, scope: Scope, most: int, *, behind: bool) -> Select[Any]:
    source = source_of(order, scope)
    where = [*source.among, source.behind] if behind else source.among
    # A literal, so that PostgreSQL plans for this limit.
    return _CLIPS.where(*where).order_by(*source.order).limit(literal_column(str(most)))


def list_of_player(uow: UnitOfWork, player_id: UUID, wanted: WantedClips, most: int) -> list[PublicClip]:
    """Return a player's public clips in a season, the newest first."""
    query = _CLIPS.where(*scope_of(wanted).clips, listed_clips.c.owner_id == player_id)
    newest = query.order_by(listed_clips.c.published_at.desc(), listed_clips.c.video_id.desc())
    return [_clip(row) for row in uow.execute(newest.limit(most), values_of(wanted)).all()]


def newest_of(uow: UnitOfWork, players: Collection[UUID], wanted: WantedClips) -> dict[UUID, ShownClip]:
    """Return the newest public clip of each of these players in a season."""
    values = values_of(wanted) | {"players": list(players)}
    query = (
        select(listed_clips.c.owner_id, listed_clips.c.video_id, renditions.c.recipe)
        .join(renditions, renditions.c.video_id == listed_clips.c.video_id)
        .where(renditions.c.kind == Rendition.PROCESSED.value, *scope_of(wanted).clips)
        .where(listed_clips.c.owner_id == any_(bindparam("players", type_=ARRAY(Uuid))))
        .ext(distinct_on(listed_clips.c.owner_id))
        .order_by(listed_clips.c.owner_id, listed_clips.c.published_at.desc(), listed_clips.c.video_id.desc())
    )
    return {row.owner_id: ShownClip(row.video_id, row.recipe) for row in uow.execute(query, values).all()}


def newest_ids(uow: UnitOfWork, season_id: UUID, most: int) -> list[tuple[UUID, datetime]]:
    """Return the newest public clips of a season, and since when they are public."""
    clip = listed_clips.c
    query = select(clip.video_id, clip.published_at).where(clip.season_id == season_id)
    newest = query.order_by(clip.published_at.desc(), clip.video_id.desc()).limit(most)
    return [(row.video_id, row.published_at) for row in uow.execute(newest)]


def search(uow: UnitOfWork, page: Page, wanted: WantedClips) -> Listed[PublicClip]:
    """Return a page of the clips that have each word in their title or their player's name, in the list's order."""
    scope, most = scope_of(wanted), page.skip + page.limit + 1
    after = source_of(wanted.order, scope).after(page)
    values = values_of(wanted) | after | {"words": wanted.words, "most": most}
    ids: list[UUID] = []
    for walk in (True, False):
        query = _searched(wanted.order, scope, walk=walk, behind=bool(after))
        ids = list(uow.execute(query, values).scalars())
        if len(ids) == most:
            break
    return cut(_by_ids(uow, ids[page.skip :]), None, page, partial(_key, wanted))


@cache
def _searched(order: ListOrder, scope: Scope, *, walk: bool, behind: bool) -> Select[Any]:
    """Return the statement that finds clips by words: among the first ones of the list, or by the index of words."""
    source = source_of(order, scope)
    # A subquery is asked once. The function itself would be, in a plan for all parameters, for each row: 37 ms, not 2.
    asked = select(func.words_wanted(bindparam("words", type_=Text))).scalar_subquery()
    rows = source.select(listed_clips.c.words).where(*source.among, *([source.behind] if behind else []))
    if walk:
        rows = rows.order_by(*source.order).limit(literal_column(str(WALK)))
    else:
        rows = rows.where(listed_clips.c.words.op("@@")(asked))
    found = rows.cte().prefix_with("MATERIALIZED")
    first = select(found.c.video_id).order_by(*source.order_within(found)).limit(bindparam("most", type_=Integer))
    return first.where(found.c.words.op("@@")(asked)) if walk else first


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


def key_of(uow: UnitOfWork, clip: PublicClip, wanted: WantedClips) -> tuple[Any, ...] | None:
    """Return the key, as a cursor has it, after which a list continues behind a clip; None for one that is in none."""
    if wanted.order is not ListOrder.SHUFFLE:
        return *_key(wanted, clip)[:-1], str(clip.id)
    drawn = select(listed_clips.c.draw).where(listed_clips.c.video_id == clip.id)
    draw = uow.execute(drawn).scalar_one_or_none()
    if draw is None:
        return None
    shuffle = Shuffle.of(wanted.seed, count(uow, wanted))
    return shuffle.bits, shuffle.step(draw), str(clip.id)


def _block(uow: UnitOfWork, wanted: WantedClips, draws: tuple[int, int]) -> list[UUID]:
    """Return the clips whose draws are in a range."""
    drawn = listed_clips.c.draw
    query = select(listed_clips.c.video_id).where(*scope_of(wanted).clips, drawn >= draws[0], drawn < draws[1])
    return list(uow.execute(query, values_of(wanted)).scalars())


def count(uow: UnitOfWork, wanted: WantedClips) -> int:
    """Return how many clips a list has, all words left aside."""
    key = ("public", wanted.season and wanted.season.id, wanted.city_key)
    return uow.totals.of(key, lambda: uow.execute(_counted(scope_of(wanted)), values_of(wanted)).scalar_one())


@cache
def _counted(scope: Scope) -> Select[Any]:
    return select(func.count()).select_from(listed_clips).where(*scope.clips)


def _by_ids(uow: UnitOfWork, ids: list[UUID]) -> list[PublicClip]:
    """Return these clips in the order of their ids in the list."""
    found = {row.id: _clip(row) for row in uow.execute(_THESE, {"ids": ids}).all()}
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
    first = select(city_key, listed_clips.c.city).where(*scope_of(wanted).clips).order_by(city_key).limit(1)
    found = select(first.subquery()).cte("found", recursive=True)
    onward = first.where(city_key > found.c.city_key).lateral()
    every = found.union_all(select(onward).select_from(found))
    return list(uow.execute(select(every.c.city).order_by(every.c.city_key), values_of(wanted)).scalars())


def _key(wanted: WantedClips, clip: PublicClip) -> tuple[Any, ...]:
    if wanted.order is ListOrder.VOTES:
        return clip.votes, clip.reached_index, clip.id
    return clip.published_at.isoformat(), clip.id


def _clip(row: Row[Any]) -> PublicClip:
    values: tuple[Any, ...] = tuple(row)  # in the order of its fields
    return PublicClip(*values)
