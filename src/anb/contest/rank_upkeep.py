"""What the ranking needs now and then: anchors at even distances, and the places of players when a day begins."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    Text,
    and_,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from anb.contest import season_store
from anb.contest.rank_store import COUNTRY, KEY, RANKED
from anb.db.session import UnitOfWork
from anb.db.tables_ranking import former_places, place_days, rank_anchors
from anb.db.tables_seasons import seasons
from anb.db.tables_votelog import player_tallies

SPACING = 250  # players between two anchors when they are set
FARTHEST = 3 * SPACING  # between two anchors, before they are set anew
_TALLIES = player_tallies.c
_TODAY = cast(func.timezone("America/Bogota", season_store.NOW), place_days.c.day.type)


def space_anchors(uow: UnitOfWork) -> int:
    """Set the anchors of each ranking anew that has too many players between two; return how many rankings those were.

    Folds wait meanwhile, so that none moves a player past an anchor that is not there yet.
    """
    sparse = _sparse(uow)
    if sparse:
        uow.execute(text("lock table rank_anchors in share row exclusive mode"))
    for season_id, scope in sparse:
        uow.execute(delete(rank_anchors).where(rank_anchors.c.season_id == season_id, rank_anchors.c.scope == scope))
        here = and_(_TALLIES.season_id == season_id, RANKED, true() if scope == COUNTRY else _TALLIES.city_key == scope)
        ahead = (func.row_number().over(order_by=KEY) - 1).label("ahead")
        placed = select(_TALLIES.season_id, literal(scope), *KEY, ahead).where(here).subquery()
        chosen = select(placed).where(placed.c.ahead > 0, placed.c.ahead % SPACING == 0)
        uow.execute(insert(rank_anchors).from_select([column.name for column in rank_anchors.c], chosen))
    return len(sparse)


def _sparse(uow: UnitOfWork) -> list[tuple[UUID, str]]:
    """Return the rankings with too many players between two anchors, of seasons that have not ended or have none."""
    bare = ~exists(select(rank_anchors.c.ahead).where(rank_anchors.c.season_id == seasons.c.id))
    these = select(seasons.c.id).where(or_(season_store.GOES_ON, bare))
    country = literal_column(f"'{COUNTRY}'", Text)
    sizes = union_all(
        select(_TALLIES.season_id, country.label("scope"), func.count().label("players"))
        .where(RANKED, _TALLIES.season_id.in_(these))
        .group_by(_TALLIES.season_id),
        select(_TALLIES.season_id, _TALLIES.city_key, func.count())
        .where(RANKED, _TALLIES.season_id.in_(these))
        .group_by(_TALLIES.season_id, _TALLIES.city_key),
    ).cte("sizes")
    anchors = select(rank_anchors.c.season_id, rank_anchors.c.scope, rank_anchors.c.ahead)
    ends = (select(sizes.c.season_id, sizes.c.scope, end) for end in (literal_column("0"), sizes.c.players))
    marks = union_all(anchors, *ends).subquery("marks")
    one = (marks.c.season_id, marks.c.scope)
    gap = marks.c.ahead - func.lag(marks.c.ahead).over(partition_by=one, order_by=marks.c.ahead)
    gaps = select(*one, gap.label("gap")).subquery("gaps")
    query = select(gaps.c.season_id, gaps.c.scope).where(gaps.c.gap > FARTHEST).distinct()
    return [(row.season_id, row.scope) for row in uow.execute(query)]


def keep_places(uow: UnitOfWork) -> bool:
    """Keep the places of the present season's players, once a day of Colombia; return whether it was due.

    The row of the day and the places are of one transaction: what was interrupted is done by the next process, once.
    """
    present = select(seasons.c.id, _TODAY).where(season_store.BEGUN, season_store.GOES_ON)
    adding = upsert(place_days).from_select(["season_id", "day"], present)
    later = place_days.c.day < adding.excluded.day
    adding = adding.on_conflict_do_update(index_elements=["season_id"], set_={"day": adding.excluded.day}, where=later)
    season_id = uow.execute(adding.returning(place_days.c.season_id)).scalar_one_or_none()
    if season_id is None:
        return False
    uow.execute(delete(former_places).where(former_places.c.season_id == season_id))
    places: list[Any] = [
        func.row_number().over(order_by=KEY),
        func.row_number().over(partition_by=_TALLIES.city_key, order_by=KEY),
    ]
    mine = _TALLIES.season_id == season_id
    placed = select(_TALLIES.season_id, _TALLIES.player_id, *places).where(mine, RANKED)
    uow.execute(insert(former_places).from_select([column.name for column in former_places.c], placed))
    return True
