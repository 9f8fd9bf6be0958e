"""The ranking in SQL, read along its index. Anchors tell how many players are ahead: no place is counted from the top.

Each question is one statement, so that anchors and players are of one moment.
"""

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
    Uuid,
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


class Ranking(NamedTuple):
    """Which players are compared: those of a season and of a city, or of the whole country."""

    season: Season | None = None  # None: the one that lists show by default
    city_key: str | None = None

    @property
    def season_id(self) -> Any:  # noqa: ANN401 - an id or a subquery that finds it
        """The season's id in SQL."""
        return LATEST if self.season is None else self.season.id

    @property
    def mine(self) -> list[ColumnElement[bool]]:
        """The conditions that a player has a place in it."""
        ranked = [player_tallies.c.season_id == self.season_id, RANKED]
        return ranked if self.city_key is None else [*ranked, player_tallies.c.city_key == self.city_key]


def _key(of: FromClause) -> tuple[ColumnElement[Any], ...]:
    """Return the columns that order the ranking."""
    return of.c.shortfall, of.c.last_index, of.c.player_id


KEY = _key(player_tallies)
_BACKWARD = tuple(column.desc() for column in KEY)


def _start(ranking: Ranking, *before: ColumnElement[bool]) -> CTE:
    """Return the last anchor that fulfils a condition, or one before all players."""
    scope = COUNTRY if ranking.city_key is None else ranking.city_key
    anchor = (
        select(*_key(rank_anchors), rank_anchors.c.ahead)
        .where(rank_anchors.c.season_id == ranking.season_id, rank_anchors.c.scope == scope, *before)
        .order_by(*(column.desc() for column in _key(rank_anchors)))
        .limit(1)
        .cte("anchor")
    )
    nobody = select(*_FIRST, literal(0, Integer)).where(~exists(select(anchor.c.ahead)))
    return union_all(select(anchor), nobody).cte("start")


def _ahead(ranking: Ranking, start: CTE, until: ColumnElement[bool]) -> ColumnElement[int]:
    """Return how many players there are up to a key, counted from the anchor before it."""
    between = select(func.count()).select_from(player_tallies)
    counted = between.where(*ranking.mine, tuple_(*KEY) >= tuple_(*_key(start)), until).scalar_subquery()
    found: ColumnElement[int] = select(start.c.ahead + counted).scalar_subquery()
    return found


def _shown(near: Subquery, position: ColumnElement[int], ranking: Ranking) -> Select[Any]:
    """Show players who are next to one another; `position` is the number of those ahead of the first."""
    place = (position + func.row_number().over(order_by=_key(near))).label("position")
    page = select(near, place).subquery("page")
    former = former_places.c.place if ranking.city_key is None else former_places.c.city_place
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


def rank(uow: UnitOfWork, page: Page, ranking: Ranking) -> Listed[Rank]:
    """Return a page of a ranking."""
    after = page.key(count_of, count_of, UUID)
    players = select(player_tallies).where(*ranking.mine).order_by(*KEY).limit(page.limit + 1)
    if after is None:
        start = _start(ranking, rank_anchors.c.ahead <= page.skip)
        rows = players.where(tuple_(*KEY) >= tuple_(*_key(start))).offset(page.skip - start.c.ahead)
        near = select(rows.lateral("near")).select_from(start).subquery("near")
        query = _shown(near, literal(page.skip), ranking)
    else:
        key = tuple_(literal(-min(after[0], MOST_VOTES)), literal(after[1]), literal(after[2]))
        start = _start(ranking, tuple_(*_key(rank_anchors)) <= key)
        near = players.where(tuple_(*KEY) > key).subquery("near")
        query = _shown(near, _ahead(ranking, start, tuple_(*KEY) <= key), ranking)
    key_of = ("ranks", ranking.season and ranking.season.id, ranking.city_key)
    total = uow.totals.of(key_of, lambda: count(uow, ranking))
    return cut(_ranks(uow, query), total, page, lambda rank: (rank.votes, rank.last_index, rank.player_id))


def count(uow: UnitOfWork, ranking: Ranking) -> int:
    """Return the number of players in a ranking."""
    start = _start(ranking)
    return int(uow.execute(select(_ahead(ranking, start, literal_column("true")))).scalar_one())


def around(uow: UnitOfWork, player_id: UUID, most: int, ranking: Ranking) -> list[Rank]:
    """Return a player's place and those next to it, at most a number on each side, best first."""
    own = select(*KEY).where(*ranking.mine, player_tallies.c.player_id == player_id).cte("own")
    key = select(*_key(own)).scalar_subquery()
    start = _start(ranking, tuple_(*_key(rank_anchors)) <= key)
    players = select(player_tallies).where(*ranking.mine)
    ahead = players.where(tuple_(*KEY) < key).order_by(*_BACKWARD).limit(most).subquery("better")
    others = players.where(tuple_(*KEY) >= key).order_by(*KEY).limit(most + 1).subquery("others")
    both = union_all(select(ahead, literal(1).label("is_ahead")), select(others, literal(0))).subquery("both")
    near = select(both, func.sum(both.c.is_ahead).over().label("better")).subquery("near")
    position = _ahead(ranking, start, tuple_(*KEY) < key) - near.c.better
    return _ranks(uow, _shown(near, position, ranking))


def find_city(uow: UnitOfWork, player_id: UUID, season: Season | None) -> str | None:
    """Return the key of the city in whose ranking a player has a place; None for a player without one."""
    mine = (*Ranking(season).mine, player_tallies.c.player_id == player_id)
    found: str | None = uow.execute(select(player_tallies.c.city_key).where(*mine)).scalar_one_or_none()
    return found


def _ranks(uow: UnitOfWork, query: Select[Any]) -> list[Rank]:
    return [Rank(**row._mapping) for row in uow.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name for it
