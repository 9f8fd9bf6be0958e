"""The order of the ranking and of the public list where times are equal, and what jurors' votes leave unchanged."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.accounts.domain import Actor, Role
from anb.contest import service as contest
from anb.db.paging import Listed, Page
from anb.db.session import UnitOfWork
from support.browser_client import published
from support.counting import force, seal
from support.worlds import OPERATOR, Player, World


def vote(world: World, voter: Player, *videos: UUID) -> None:
    with world.uow() as uow:
        for video in videos:
            contest.cast_vote(uow, world.ports, Actor(voter.id), video)
    seal(world)


def juror(world: World, name: str = "Juana Jurado") -> Player:
    return world.promoted(world.player(name), Role.JUROR)


def change(world: World, statement: str, **values: Any) -> None:
    with world.uow() as uow:
        uow.execute(text(statement), values)


def walk(world: World, limit: int, listed: Callable[[UnitOfWork, Page], Listed[Any]]) -> list[Any]:
    """Walk a list, page by page."""
    seal(world)
    seen: list[Any] = []
    page = Page(limit)
    while True:
        with world.uow() as uow:
            found = listed(uow, page)
        seen += found.rows
        if found.next_after is None:
            assert len(seen) == found.total
            return seen
        page = Page(limit, after=tuple(map(plain, found.next_after)))


def ranking(world: World, city: str | None = None, limit: int = 20) -> list[UUID]:
    """Walk the ranking, page by page."""
    return [rank.player_id for rank in walk(world, limit, partial(contest.rank, city=city))]


def public(world: World, city: str | None, limit: int) -> list[UUID]:
    """Walk the public list, page by page."""
    return [clip.id for clip in walk(world, limit, partial(contest.list_public, city=city))]


def plain(part: object) -> object:
    """Return a part of a key as a cursor carries it."""
    return str(part) if isinstance(part, UUID) else part


class TestRanking:
    def test_jurors_votes_stand_beside_and_move_nobody(self, world: World) -> None:
        first, second, voter = world.player("Ana Paz"), world.player("Eva Paz"), world.player("Votante Uno")
        one, two = published(world, first), published(world, second)
        vote(world, voter, one)
        for number in range(2):
            vote(world, juror(world, f"Jurado J{number}"), two)
        seal(world)
        with world.uow() as uow:
            ranks = contest.rank(uow, Page()).rows
        assert [(rank.player_id, rank.votes, rank.jury_votes) for rank in ranks] == [
            (first.id, 1, 0),
            (second.id, 0, 2),
        ]

    def test_a_jurors_vote_does_not_make_the_count_younger(self, world: World) -> None:
        early, late, voter = world.player("Ana Paz"), world.player("Eva Paz"), world.player("Votante Uno")
        one, two = published(world, early), published(world, late)
        vote(world, voter, one)
        vote(world, voter, two)
        vote(world, juror(world), one)
        assert ranking(world) == [early.id, late.id]

    def test_of_two_with_no_votes_comes_first_whose_first_clip_opened_first(self, world: World) -> None:
        late, early = world.player("Ana Paz"), world.player("Eva Paz")
        published(world, early)
        published(world, late)
        published(world, early)
        assert ranking(world) == [early.id, late.id]

    def test_the_count_is_reached_with_its_last_vote(self, world: World) -> None:
        first, second = world.player("Ana Paz"), world.player("Eva Paz")
        voters = [world.player(f"Votante V{n}") for n in range(2)]
        one, two = published(world, first), published(world, second)
        vote(world, voters[0], one)
        vote(world, voters[0], two)
        vote(world, voters[1], two)
        vote(world, voters[1], one)
        assert ranking(world) == [second.id, first.id]

    @pytest.mark.parametrize("limit", [1, 2, 3])
    def test_pages_give_each_once_where_votes_and_times_are_the_same(self, world: World, limit: int) -> None:
        players = [world.player(f"Nombre N{n}") for n in range(5)]
        videos = [published(world, player) for player in players]
        voter = world.player("Votante Uno")
        vote(world, voter, *videos[:3])
        with world.uow() as uow:
            force(uow, "votes", "update votes set cast_at = '2026-05-01'")
        change(world, "update videos set published_at = '2026-04-01'")
        by_id = [sorted(player.id for player in some) for some in (players[:3], players[3:])]
        assert ranking(world, limit=limit) == [*by_id[0], *by_id[1]]

    def test_a_city_has_its_own_places_and_its_own_number(self, world: World) -> None:
        cali = [world.player(f"Nombre C{n}", "Cali") for n in range(3)]
        other = world.player("Ana Paz", "Bogotá")
        for player in (other, *cali):
            published(world, player)
        assert ranking(world, "CALI", limit=2) == [player.id for player in cali]
        with world.uow() as uow:
            assert [rank.position for rank in contest.rank(uow, Page(), "Cali").rows] == [1, 2, 3]
            assert contest.rank(uow, Page(skip=1), "Cali").rows[0].player_id == cali[1].id

    def test_who_has_no_public_clip_has_no_place(self, world: World) -> None:
        player = world.player()
        player.upload()
        assert ranking(world) == []


class TestPublicList:
    @pytest.mark.parametrize("limit", [1, 2, 5])
    def test_pages_give_each_once_where_times_are_the_same(self, world: World, limit: int) -> None:
        player = world.player()
        ids = [published(world, player) for _ in range(5)]
        change(world, "update videos set published_at = '2026-04-01'")
        assert public(world, None, limit) == sorted(ids, reverse=True)

    def test_a_citys_list_has_its_own_number_and_can_skip(self, world: World) -> None:
        published(world, world.player("Ana Paz", "Bogotá"))
        cali = world.player("Eva Paz", "Cali")
        ids = [published(world, cali) for _ in range(3)]
        cali.upload()  # not public
        assert public(world, "cali", 2) == ids[::-1]
        with world.uow() as uow:
            assert [clip.id for clip in contest.list_public(uow, Page(skip=1), "cali").rows] == ids[1::-1]

    def test_a_clip_tells_both_counts_and_whose_it_is(self, world: World) -> None:
        player, voter = world.player("Lucía Ríos", "Cali"), world.player("Votante Uno")
        video = published(world, player)
        vote(world, voter, video)
        for number in range(2):
            vote(world, juror(world, f"Jurado J{number}"), video)
        with world.uow() as uow:
            clip = contest.show_public(uow, video)
        assert (clip.votes, clip.jury_votes, clip.player, clip.city) == (1, 2, "Lucía Ríos", "Cali")

    def test_a_voter_has_voted_for_that_clip_and_no_other(self, world: World) -> None:
        player, voter = world.player(), world.player("Votante Uno")
        one, two = published(world, player), published(world, player)
        vote(world, voter, one)
        with world.uow() as uow:
            asked = [(voter, one), (voter, two), (player, one)]
            assert [contest.has_voted(uow, who.id, video) for who, video in asked] == [True, False, False]

    def test_cities_are_those_with_public_clips_each_once_by_name(self, world: World) -> None:
        for name, city in (("Ana Paz", "Medellín"), ("Eva Paz", "Cali"), ("Luz Paz", "medellin")):
            published(world, world.player(name, city))
        world.player("Sol Paz", "Leticia").upload()
        with world.uow() as uow:
            found = contest.cities(uow)
        assert found[0] == "Cali"
        assert [city.casefold()[:4] for city in found[1:]] == ["mede"]


class TestVersion:
    """The version that streams send: a page that shows another version asks again."""

    def test_a_vote_committed_after_a_newer_one_is_told_too(self, world: World) -> None:
        clip = published(world, world.player())
        early, late = world.player("Eva Antes"), world.player("Lia Luego")
        with world.uow() as slow:
            contest.cast_vote(slow, world.ports, Actor(early.id), clip)
            vote(world, late, clip)
            with world.uow() as uow:
                before = contest.version(uow)
        seal(world)
        with world.uow() as uow:
            assert contest.version(uow) != before

    def test_it_is_the_same_until_something_happens(self, world: World) -> None:
        owner = world.player()
        published(world, owner)
        with world.uow() as uow:
            before = contest.version(uow)
            assert contest.version(uow) == before
        published(world, owner)
        with world.uow() as uow:
            after = contest.version(uow)
            contest.close_season(uow, OPERATOR)
            assert len({before, after, contest.version(uow)}) == 3
