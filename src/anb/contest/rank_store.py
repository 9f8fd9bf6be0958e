"""The ranking in SQL, read along its index. Anchors tell how many players are ahead: no place is counted from the top.

Each question is one statement, so that anchors and players are of one moment. Each statement is built once: SQLAlchemy
took longer to build it, and to find out anew which columns its result has, than PostgreSQL took to answer.
"""

from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    Uuid,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)

from anb.contest.domain import Rank, Season
from anb.contest.season_store import LATEST
from anb.db.paging import Listed, Page, count_of, cut
from anb.db.session import UnitOfWork
from anb.db.tables_accounts import SHOWN_NAME, users
from anb.db.tables_ranking import former_places, rank_anchors
from anb.db.tables_votelog import player_tallies

COUNTRY = " "  # a scope that no city's key can be: those have no space at their end
MOST_VOTES = 2**31 - 1
# A key before that of any player.
_FIRST = (literal(-MOST_VOTES - 1, Integer), literal(-1, BigInteger), literal(UUID(int=0), Uuid))
RANKED = player_tallies.c.clips > literal_column("0")  # as the index says it


SEASON, CITY = bindparam("season", type_=Uuid), bindparam("city", type_=Text)
SKIP, LIMIT = bindparam("skip", type_=Integer), bindparam("most", type_=Integer)
PLAYER = bindparam("player", type_=Uuid)
# The key of the last player of the page before.
AFTER = tuple_(bindparam("shortfall", type_=Integer), bindparam("last_index", type_=BigInteger), PLAYER)


class RankingShape(NamedTuple):
    """Which statement answers a question: what it has parameters for."""

    by_season: bool  # else it finds the one that lists show by default
    by_city: bool

    @property
    def season_id(self) -> ColumnElement[Any]:
        """The season's id in SQL."""
        return SEASON if self.by_season else LATEST

    @property
    def mine(self) -> list[ColumnElement[bool]]:
        """The conditions that a player has a place in it."""
        ranked = [player_tallies.c.season_id == self.season_id, RANKED]
        return [*ranked, player_tallies.c.city_key == CITY] if self.by_city else ranked


class Ranking(NamedTuple):
    """Which players are compared: those of a season and of a city, or of the whole country."""

    season: Season | None = None  # None: the one that lists show by default
    city_key: str | None = None

    @property
    def shape(self) -> RankingShape:
        """What its statements have parameters for."""
        return RankingShape(self.season is not None, self.city_key is not None)

    def values(self, **others: Any) -> dict[str, Any]:  # noqa: ANN401 - parameters of a statement
        """Return the values of the parameters, and others."""
        season = {} if self.season is None else {"season": self.season.id}
        return season | ({} if self.city_key is None else {"city": self.city_key}) | others


def _key(of: FromClause) -> tuple[ColumnElement[Any], ...]:
    """Return the columns that order the ranking."""
    return of.c.shortfall, of.c.last_index, of.c.player_id


KEY = _key(player_tallies)
_BACKWARD = tuple(column.desc() for column in KEY)


def _start(shape: RankingShape, *before: ColumnElement[bool]) -> CTE:
    """Return the last anchor that fulfils a condition, or one before all players."""
    scope = CITY if shape.by_city else literal(COUNTRY)
    anchor = (
        select(*_key(rank_anchors), rank_anchors.c.ahead)
        .where(rank_anchors.c.season_id == shape.season_id, rank_anchors.c.scope == scope, *before)
        .order_by(*(column.desc() for column in _key(rank_anchors)))
        .limit(1)
        .cte("anchor")
    )
    nobody = select(*_FIRST, literal(0, Integer)).where(~exists(select(anchor.c.ahead)))
    return union_all(select(anchor), nobody).cte("start")


def _ahead(shape: RankingShape, start: CTE, until: ColumnElement[bool]) -> ColumnElement[int]:
    """Return how many players there are up to a key, counted from the anchor before it."""
    between = select(func.count()).select_from(player_tallies)
    counted = between.where(*shape.mine, tuple_(*KEY) >= tuple_(*_key(start)), until).scalar_subquery()
    found: ColumnElement[int] = select(start.c.ahead + counted).scalar_subquery()
    return found


def _shown(near: Subquery, position: ColumnElement[int], shape: RankingShape) -> Select[Any]:
    """Show players who are next to one another; `position` is the number of those ahead of the first."""
    place = (position + func.row_number().over(order_by=_key(near))).label("position")
    page = select(near, place).subquery("page")
    former = former_places.c.city_place if shape.by_city else former_places.c.place
    before = (former_places.c.season_id == page.c.season_id) & (former_places.c.player_id == page.c.player_id)
    return (
        select(
            page.c.position,
            page.c.player_id,
            users.c.username,
            SHOWN_NAME.label("player"),
            page.c.city,
            page.c.votes,
            page.c.jury_votes,
            page.c.last_index,
            (former - page.c.position).label("movement"),
        )
        .join(users, users.c.id == page.c.player_id)
        .outerjoin(former_places, before)
        .order_by(page.c.position)
    )


@cache
def _numbered(shape: RankingShape) -> Select[Any]:
    """Return the statement of a page after a number of players."""
    start = _start(shape, rank_anchors.c.ahead <= SKIP)
    players = select(player_tallies).where(*shape.mine).order_by(*KEY).limit(LIMIT)
    rows = players.where(tuple_(*KEY) >= tuple_(*_key(start))).offset(SKIP - start.c.ahead)
    near = select(rows.lateral("near")).select_from(start).subquery("near")
    return _shown(near, SKIP, shape)


@cache
def _continued(shape: RankingShape) -> Select[Any]:
    """Return the statement of a page after a player."""
    start = _start(shape, tuple_(*_key(rank_anchors)) <= AFTER)
    players = select(player_tallies).where(*shape.mine, tuple_(*KEY) > AFTER)
    near = players.order_by(*KEY).limit(LIMIT).subquery("near")
    return _shown(near, _ahead(shape, start, tuple_(*KEY) <= AFTER), shape)


def rank(uow: UnitOfWork, page: Page, ranking: Ranking) -> Listed[Rank]:
    """Return a page of a ranking."""
    after = page.key(count_of, count_of, UUID)
    if after is None:
        query, place = _numbered(ranking.shape), {"skip": page.skip}
    else:
        votes, last_index, player_id = after
        query = _continued(ranking.shape)
        place = {"shortfall": -min(votes, MOST_VOTES), "last_index": last_index, "player": player_id}
    rows = _ranks(uow, query, ranking.values(most=page.limit + 1, **place))
    key_of = ("ranks", ranking.season and ranking.season.id, ranking.city_key)
    total = uow.totals.of(key_of, lambda: count(uow, ranking))
    return cut(rows, total, page, lambda rank: (rank.votes, rank.last_index, rank.player_id))


def count(uow: UnitOfWork, ranking: Ranking) -> int:
    """Return the number of players in a ranking."""
    return int(uow.execute(_count(ranking.shape), ranking.values()).scalar_one())


@cache
def _count(shape: RankingShape) -> Select[Any]:
    return select(_ahead(shape, _start(shape), literal_column("true")))


def around(uow: UnitOfWork, player_id: UUID, most: int, ranking: Ranking) -> list[Rank]:
    """Return a player's place and those next to it, at most a number on each side, best first."""
    return _ranks(uow, _around(ranking.shape), ranking.values(player=player_id, most=most))


@cache
def _around(shape: RankingShape) -> Select[Any]:
    own = select(*KEY).where(*shape.mine, player_tallies.c.player_id == PLAYER).cte("own")
    key = select(*_key(own)).scalar_subquery()
    start = _start(shape, tuple_(*_key(rank_anchors)) <= key)
    players = select(player_tallies).where(*shape.mine)
    ahead = players.where(tuple_(*KEY) < key).order_by(*_BACKWARD).limit(LIMIT).subquery("better")
    others = players.where(tuple_(*KEY) >= key).order_by(*KEY).limit(LIMIT + 1).subquery("others")
    both = union_all(select(ahead, literal(1).label("is_ahead")), select(others, literal(0))).subquery("both")
    near = select(both, func.sum(both.c.is_ahead).over().label("better")).subquery("near")
    position = _ahead(shape, start, tuple_(*KEY) < key) - near.c.better
    return _shown(near, position, shape)


def find_city(uow: UnitOfWork, player_id: UUID, season: Season | None) -> str | None:
    """Return the key of the city in whose ranking a player has a place; None for a player without one."""
    ranking = Ranking(season)
    mine = (*ranking.shape.mine, player_tallies.c.player_id == player_id)
    found = uow.execute(select(player_tallies.c.city_key).where(*mine), ranking.values()).scalar_one_or_none()
    return None if found is None else str(found)


def _ranks(uow: UnitOfWork, query: Select[Any], values: dict[str, Any]) -> list[Rank]:
    # In the order of the columns, and all rows at once: by their names, one by one, takes three times as long.
    rows: list[tuple[Any, ...]] = [tuple(row) for row in uow.execute(query, values).all()]
    return [Rank(*row) for row in rows]
