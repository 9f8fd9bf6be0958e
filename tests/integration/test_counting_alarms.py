"""Figures of the count that alarms watch: entries that wait, counts that differ, results that are not frozen."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.counting import service
from anb.results.closing import SeasonCloser
from anb.votelog import service as votelog
from support.browser_client import published
from support.closing import SLUG, hold_pending, move, season_id, settled
from support.counting import seal
from support.counting_client import leave_uncounted
from support.leaving import close, vote
from support.worlds import World

QUIET = {"waiting_seconds": None, "compared_seconds": None, "differing": 0, "stopped": 0, "late": 0}


def shown(world: World) -> Any:
    return world.client.get("/api/health/parts").json()["count"]


def change(world: World, *statements: str) -> None:
    with world.uow() as uow:
        for each in statements:
            uow.execute(text(each))


@pytest.fixture
def clip(world: World) -> UUID:
    """Return a clip of a season whose log has begun."""
    found = published(world, world.player())
    seal(world)
    return found


class TestWaiting:
    def test_the_oldest_entry_grows_old_where_nobody_seals(self, world: World, clip: UUID) -> None:
        leave_uncounted(world.client)
        assert shown(world)["waiting_seconds"] is None
        assert vote(world, world.player("Ana Paz"), clip) == 200
        change(
            world,
            "update pending_entries set at = at - interval '2 minutes'",
            "update log_heads set sealed_at = sealed_at - interval '1 hour'",
        )
        assert 120 <= shown(world)["waiting_seconds"] < 180
        seal(world)
        assert shown(world)["waiting_seconds"] is None

    def test_a_released_vote_of_yesterday_has_not_waited_since_then(self, world: World, clip: UUID) -> None:
        leave_uncounted(world.client)
        assert vote(world, world.player("Ana Paz"), clip) == 200
        with world.uow() as uow:
            held = hold_pending(uow, season_id(world))
            uow.execute(text("update held_votes set cast_at = cast_at - interval '1 day'"))
            assert votelog.release(uow, held) == 1
        assert shown(world)["waiting_seconds"] < 60


class TestComparing:
    @pytest.mark.usefixtures("clip")
    def test_a_tally_that_differs_is_shown_until_it_is_built_anew(self, world: World) -> None:
        assert service.compare(world.database) == []
        assert shown(world)["compared_seconds"] < 60
        change(world, "update clip_tallies set votes = 7")
        assert service.compare(world.database) == []  # not due yet
        change(world, "update count_comparisons set compared_at = compared_at - interval '5 minutes'")
        assert shown(world)["compared_seconds"] >= 300
        assert len(service.compare(world.database)) == 2  # the clip, and its player's sum
        assert shown(world)["differing"] == 1
        with world.uow() as uow:
            votelog.rebuild(uow, season_id(world))
        assert shown(world)["differing"] == 0
        assert service.compare(world.database) == []  # due again at once
        with world.uow() as uow:
            assert uow.execute(text("select differences from count_comparisons")).scalars().all() == [[]]

    @pytest.mark.usefixtures("clip")
    def test_one_that_was_never_compared_counts_from_the_beginning_of_its_log(self, world: World) -> None:
        assert 0 <= shown(world)["compared_seconds"] < 60

    @pytest.mark.usefixtures("clip")
    def test_an_ended_log_is_compared_no_more_unless_it_differed(self, world: World) -> None:
        settled(world)
        assert shown(world) == QUIET
        change(world, "update clip_tallies set votes = 7")
        assert service.compare(world.database) == []
        change(world, "insert into count_comparisons select id, now() - interval '1 hour', '{differs}' from seasons")
        assert shown(world)["differing"] == 1
        assert len(service.compare(world.database)) == 2


class TestResults:
    @pytest.mark.usefixtures("clip")
    def test_counts_that_differ_stop_results_and_are_shown(self, world: World) -> None:
        change(world, "update player_tallies set votes = 7")
        settled(world)
        assert (shown(world)["stopped"], shown(world)["late"]) == (1, 0)
        change(
            world,
            "update player_tallies set votes = 0",
            "update result_stops set found_at = found_at - interval '1 hour'",
        )
        SeasonCloser(world.database, world.settings).work()
        assert shown(world) == QUIET

    @pytest.mark.usefixtures("clip")
    def test_results_that_nobody_freezes_are_late_ten_minutes_after_they_are_due(self, world: World) -> None:
        close(world)
        assert shown(world)["late"] == 0
        move(world, opened_at=-1000, closed_at=-590, results_at=-590)
        assert shown(world)["late"] == 0
        move(world, closed_at=-610, results_at=-590)
        assert shown(world)["late"] == 0
        move(world, results_at=-601)
        assert shown(world)["late"] == 1

    @pytest.mark.usefixtures("clip")
    def test_a_season_that_was_reopened_is_not_stopped(self, world: World) -> None:
        change(world, "update player_tallies set votes = 7")
        settled(world)
        change(world, f"update seasons set closed_at = null, results_at = null where slug = '{SLUG}'")  # noqa: S608
        assert shown(world)["stopped"] == 0
