"""Places in the ranking, of random contests, against a recount in plain Python."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from anb.contest import rank_store, rank_upkeep
from anb.contest.rank_store import Ranking
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from support.worlds import World

CITIES = ("Cali", "Bogotá", "Pasto")
PUT = """
insert into player_tallies (season_id, player_id, city_key, city, votes, jury_votes, opened_index, last_index, clips)
select (select id from seasons where closed_at is null), * from unnest(cast(:ids as uuid[]), cast(:keys as text[]),
    cast(:cities as text[]), cast(:votes as int[]), cast(:votes as int[]), cast(:lasts as bigint[]),
    cast(:lasts as bigint[]), cast(:clips as int[]))
on conflict (season_id, player_id) do update set city_key = excluded.city_key, city = excluded.city,
    votes = excluded.votes, last_index = excluded.last_index, clips = excluded.clips
"""
ANCHORS = "select scope, shortfall, last_index, player_id, ahead from rank_anchors"
# Few values, so that ties are common.
TALLY = st.fixed_dictionaries({
    "player": st.integers(0, 39),
    "votes": st.integers(0, 4),
    "last": st.integers(0, 5),
    "city": st.sampled_from(CITIES),
    "clips": st.sampled_from((0, 1, 1, 1)),
})  # fmt: skip
STEPS = st.lists(
    st.one_of(st.lists(TALLY, min_size=1, max_size=25), st.just("space"), st.lists(st.integers(0, 39), max_size=6)),
    min_size=1,
    max_size=8,
)


@dataclass
class Contest:
    """The tallies of a season, in the database and here."""

    world: World
    players: list[UUID]
    rows: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def put(self, tallies: list[dict[str, Any]]) -> None:
        news = {self.players[each["player"]]: each for each in tallies}
        self.rows |= news
        values = {"ids": list(news)} | {
            name: [each[key] for each in news.values()]
            for name, key in (("cities", "city"), ("votes", "votes"), ("lasts", "last"), ("clips", "clips"))
        }
        with self.world.uow() as uow:
            uow.execute(text(PUT), values | {"keys": [each["city"].lower() for each in news.values()]})

    def drop(self, players: list[int]) -> None:
        ids = [self.players[each] for each in players]
        self.rows = {who: each for who, each in self.rows.items() if who not in ids}
        with self.world.uow() as uow:
            uow.execute(text("delete from player_tallies where player_id = any(:ids)"), {"ids": ids})

    def recount(self, city: str | None = None) -> list[tuple[UUID, int]]:
        """Rank by sorting, as the contract says it."""
        ranked = [
            (-each["votes"], each["last"], who)
            for who, each in self.rows.items()
            if each["clips"] and city in {None, each["city"]}
        ]
        return [(who, -votes) for votes, _, who in sorted(ranked)]

    def check(self) -> None:
        for city in (None, *CITIES):
            wanted = self.recount(city)
            ranking = Ranking(None, None if city is None else city.lower())
            with self.world.uow() as uow:
                assert by_key(uow, ranking, 7) == by_number(uow, ranking, 7, len(wanted)) == wanted
                assert rank_store.count(uow, ranking) == len(wanted)
                for place, (who, votes) in enumerate(wanted, start=1):
                    near, here = rank_store.around(uow, who, 2, ranking), slice(max(place - 3, 0), place + 2)
                    assert [(each.position, each.player_id, each.votes) for each in near if each.player_id == who] == [
                        (place, who, votes)
                    ]
                    assert [each.player_id for each in near] == [who for who, _ in wanted[here]]
        with self.world.uow() as uow:
            for anchor in uow.execute(text(ANCHORS)):
                key = (anchor.shortfall, anchor.last_index, anchor.player_id)
                assert anchor.ahead == sum(
                    (-each["votes"], each["last"], who) < key
                    for who, each in self.rows.items()
                    if each["clips"] and anchor.scope in {" ", each["city"].lower()}
                )


def by_key(uow: UnitOfWork, ranking: Ranking, limit: int) -> list[tuple[UUID, int]]:
    found: list[Any] = []
    page: Page | None = Page(limit)
    while page is not None:
        listed = rank_store.rank(uow, page, ranking)
        found += listed.rows
        after = listed.next_after
        page = None if after is None else Page(limit, after=tuple(str(p) if isinstance(p, UUID) else p for p in after))
    assert [each.position for each in found] == list(range(1, len(found) + 1))
    return [(each.player_id, each.votes) for each in found]


def by_number(uow: UnitOfWork, ranking: Ranking, limit: int, length: int) -> list[tuple[UUID, int]]:
    pages: list[Listed[Any]] = [
        rank_store.rank(uow, Page(limit, skip=skip), ranking) for skip in range(0, length + limit, limit)
    ]
    found = [each for page in pages for each in page.rows]
    assert [each.position for each in found] == list(range(1, len(found) + 1))
    return [(each.player_id, each.votes) for each in found]


@pytest.fixture
def contest(world: World, monkeypatch: pytest.MonkeyPatch) -> Contest:
    monkeypatch.setattr(rank_upkeep, "SPACING", 3)
    monkeypatch.setattr(rank_upkeep, "FARTHEST", 3)
    names = [f"n{number}" for number in range(40)]
    with world.uow() as uow:
        adding = """
        insert into users (email, username, first_name, last_name, city, city_key, country, password_hash)
        select name || '@example.com', name, name, 'x', 'Cali', 'cali', 'Colombia', '-'
        from unnest(cast(:names as text[])) name returning id
        """
        return Contest(world, list(uow.execute(text(adding), {"names": names}).scalars()))


def empty(contest: Contest) -> None:
    contest.rows.clear()
    with contest.world.uow() as uow:
        uow.execute(text("delete from player_tallies"))
        uow.execute(text("delete from rank_anchors"))


class TestPlaces:
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(steps=STEPS)
    def test_are_those_of_a_recount_whatever_changed_and_wherever_anchors_were_set(
        self, contest: Contest, steps: list[Any]
    ) -> None:
        empty(contest)
        for step in steps:
            if step == "space":
                with contest.world.uow() as uow:
                    rank_upkeep.space_anchors(uow)
            elif step and isinstance(step[0], dict):
                contest.put(step)
            else:
                contest.drop(step)
        contest.check()

    def test_stay_exact_while_anchors_are_set_beside_folds(self, contest: Contest) -> None:
        everybody = [
            {"player": number, "votes": number % 5, "last": number, "city": CITIES[number % 3], "clips": 1}
            for number in range(40)
        ]
        contest.put(everybody)

        def fold(number: int) -> None:
            contest.put([everybody[number] | {"votes": 9, "last": 100 + number}])

        def space(_: int) -> None:
            with contest.world.uow() as uow:
                rank_upkeep.space_anchors(uow)

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda number: space(number) if number % 4 == 0 else fold(number), range(40)))
        contest.check()

    def test_anchors_are_set_again_only_where_they_are_too_far_apart(self, contest: Contest) -> None:
        tally = {"votes": 0, "city": "Cali", "clips": 1}
        contest.put([tally | {"player": number, "last": number} for number in range(20)])
        with contest.world.uow() as uow:
            assert rank_upkeep.space_anchors(uow) == 2  # of the country, and of Cali
            assert rank_upkeep.space_anchors(uow) == 0
        contest.put([tally | {"player": 20, "last": 20}, tally | {"player": 21, "last": 21, "city": "Pasto"}])
        with contest.world.uow() as uow:
            assert rank_upkeep.space_anchors(uow) == 1


class TestMovement:
    def test_is_the_places_gained_since_the_day_began(self, contest: Contest) -> None:
        tally = {"votes": 0, "city": "Cali", "clips": 1}
        contest.put([tally | {"player": number, "last": number} for number in range(4)])
        assert keep(contest.world)
        contest.put([tally | {"player": 3, "last": 9, "votes": 1}, tally | {"player": 4, "last": 0, "votes": 2}])
        assert movements(contest.world) == [None, 2, -2, -2, -2]
        assert movements(contest.world, "cali") == [None, 2, -2, -2, -2]

    def test_places_are_kept_once_a_day_whoever_comes_first(self, contest: Contest) -> None:
        contest.put([{"player": 0, "votes": 1, "last": 1, "city": "Cali", "clips": 1}])
        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(lambda _: keep(contest.world), range(4))) == [False, False, False, True]
        yesterday(contest.world)
        assert keep(contest.world)

    def test_a_process_that_died_in_the_middle_leaves_yesterdays_places(self, contest: Contest) -> None:
        contest.put([{"player": 0, "votes": 1, "last": 1, "city": "Cali", "clips": 1}])
        assert keep(contest.world)
        yesterday(contest.world)
        with contest.world.uow() as dying, dying.savepoint(keep=False):
            assert rank_upkeep.keep_places(dying)
        assert movements(contest.world) == [0]
        assert keep(contest.world)


def keep(world: World) -> bool:
    with world.uow() as uow:
        return rank_upkeep.keep_places(uow)


def yesterday(world: World) -> None:
    with world.uow() as uow:
        uow.execute(text("update place_days set day = day - 1"))


def movements(world: World, city_key: str | None = None) -> list[int | None]:
    with world.uow() as uow:
        return [each.movement for each in rank_store.rank(uow, Page(), Ranking(None, city_key)).rows]
