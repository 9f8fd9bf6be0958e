"""A season that closes is settled, counted again and frozen once, by any number of processes, at any time."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from anb.accounts.domain import Actor
from anb.contest import seasons
from anb.contest import service as contest
from anb.contest.domain import SeasonRules, VoidReason
from anb.results import checking, service, store
from anb.results.closing import SeasonCloser
from anb.votelog import service as votelog
from support.browser_client import published
from support.closing import SLUG, frozen, has_passed, hold_pending, move, season_id, settled, shown
from support.counting import force, seal
from support.counting_client import leave_uncounted
from support.leaving import close, vote
from support.locks import while_uncommitted
from support.waiting import until
from support.worlds import OPERATOR, World


@pytest.fixture
def clips(world: World) -> list[UUID]:
    """Return clips of three players, two of them of one city, with 2, 2 and 1 votes; the second had them first."""
    owners = [world.player("Lucía Ríos"), world.player("Marta Gil"), world.player("Nora Paz", "Cali")]
    found = [published(world, owner) for owner in owners]
    fans = [world.player("Ana Paz"), world.player("Eva Paz")]
    for fan, clip in ((fans[0], 0), (fans[0], 1), (fans[1], 1), (fans[1], 0), (fans[0], 2)):
        assert vote(world, fan, found[clip]) == 200
        seal(world)
    return found


def usernames(places: list[dict[str, object]]) -> list[object]:
    return [place["username"] for place in places]


class TestFreezing:
    @pytest.mark.usefixtures("clips")
    def test_the_winners_of_each_city_and_how_ties_were_broken(self, world: World) -> None:
        settled(world)
        found = shown(world)
        assert usernames(found["places"]) == ["marta.gil", "lucia.rios", "nora.paz"]
        assert [place["tied"] for place in found["places"]] == [True, True, False]
        assert [(place["city"], place["city_position"]) for place in found["winners"]] == [
            ("Bogotá", 1), ("Bogotá", 2), ("Cali", 1),
        ]  # fmt: skip
        first, second = found["places"][:2]
        assert first["reached_index"] < second["reached_index"]
        assert (found["version"], found["superseded"], found["players"]) == (1, False, 3)

    @pytest.mark.usefixtures("clips")
    def test_only_as_many_win_as_the_rules_say(self, world: World) -> None:
        with world.uow() as uow:
            rules = seasons.show(uow, SLUG)
            changed = {name: getattr(rules, name) for name in SeasonRules.__dataclass_fields__}
            seasons.change_rules(uow, OPERATOR, SLUG, SeasonRules(**changed | {"winners_per_city": 1}), "uno")
        settled(world)
        assert usernames(shown(world)["winners"]) == ["marta.gil", "nora.paz"]

    @pytest.mark.usefixtures("clips")
    def test_nothing_is_frozen_while_the_season_is_open_or_twice(self, world: World) -> None:
        SeasonCloser(world.database, world.settings).work()
        assert frozen(world) == 0
        settled(world)
        settled(world, closes=False)
        assert frozen(world) == 1

    def test_a_season_without_players_has_results_too(self, world: World) -> None:
        settled(world)
        assert shown(world)["places"] == []

    @pytest.mark.usefixtures("clips")
    def test_many_at_once_freeze_one_version(self, world: World) -> None:
        close(world)
        seal(world)
        closers = [SeasonCloser(world.database, world.settings) for _ in range(3)]
        with ThreadPoolExecutor(3) as pool:
            for _ in range(4):
                until(lambda: has_passed(world))
                list(pool.map(lambda closer: closer.work(), closers))
        assert frozen(world) == 1

    @pytest.mark.usefixtures("clips")
    def test_who_dies_in_the_middle_is_followed_by_one_who_finishes(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def dies(*_: object) -> None:
            raise RuntimeError("the process ends here")

        with monkeypatch.context() as patched:
            patched.setattr(store, "end_stop", dies)  # after the rows were written, before the commit
            with pytest.raises(RuntimeError, match="ends here"):
                settled(world)
        assert frozen(world) == 0
        settled(world, closes=False)
        assert usernames(shown(world)["places"]) == ["marta.gil", "lucia.rios", "nora.paz"]


class TestLateVotes:
    def test_a_vote_of_before_the_close_that_is_not_committed_is_waited_for(
        self, world: World, clips: list[UUID]
    ) -> None:
        late, closer = world.player("Iris Paz"), SeasonCloser(world.database, world.settings)
        move(world, closed_at=0.5)

        def works() -> None:
            until(lambda: is_closed(world))
            closer.work()

        done = while_uncommitted(
            world, lambda uow: contest.cast_vote(uow, world.ports, Actor(late.id), clips[2]), works
        )
        done.result()
        settled(world, closes=False)
        assert sorted(place["votes"] for place in shown(world)["places"]) == [2, 2, 2]


class TestHeldVotes:
    def test_doubtful_votes_wait_for_an_organizer_until_results_are_due(self, world: World, clips: list[UUID]) -> None:
        hold_all_of(world, clips[0])
        with world.uow() as uow:
            later = "update seasons set closed_at = clock_timestamp(), results_at = now() + interval '1 hour'"
            uow.execute(text(later))
        settled(world, closes=False)
        assert frozen(world) == 0
        with world.uow() as uow:
            assert checking.awaited(uow, seasons.show(uow, SLUG)).held == 2
        move(world, results_at=0)
        settled(world, closes=False)
        assert [(place["username"], place["votes"]) for place in shown(world)["places"]] == [
            ("marta.gil", 2), ("lucia.rios", 2), ("nora.paz", 1),
        ]  # fmt: skip

    def test_a_released_vote_counts(self, world: World, clips: list[UUID]) -> None:
        held = hold_all_of(world, clips[0])
        with world.uow() as uow:
            later = "update seasons set closed_at = clock_timestamp(), results_at = now() + interval '1 hour'"
            uow.execute(text(later))
        settled(world, closes=False)
        with world.uow() as uow:
            votelog.release(uow, held)
        settled(world, closes=False)
        with world.uow() as uow:
            found = service.show(uow, SLUG, early=True)
            assert [place.votes for place in service.list_all(uow, found)] == [4, 2, 1]


class TestDifferences:
    @pytest.mark.usefixtures("clips")
    def test_counts_that_differ_stop_everything_until_they_are_equal(self, world: World) -> None:
        seal(world)
        with world.uow() as uow:
            uow.execute(text("update player_tallies set votes = votes + 1 where city = 'Cali'"))
        settled(world)
        assert frozen(world) == 0
        with world.uow() as uow:
            season = seasons.show(uow, SLUG)
            found = checking.awaited(uow, season).differences
            assert found
            assert checking.compare(uow, season)
            uow.execute(text("update player_tallies set votes = votes - 1 where city = 'Cali'"))
            uow.execute(text("update result_stops set found_at = now() - interval '1 hour'"))
        settled(world, closes=False)
        with world.uow() as uow:
            assert checking.awaited(uow, seasons.show(uow, SLUG)).differences == []
            assert checking.compare(uow, seasons.show(uow, SLUG)) == []
        assert frozen(world) == 1

    @pytest.mark.usefixtures("clips")
    def test_frozen_rows_are_never_changed_or_deleted(self, world: World) -> None:
        settled(world)
        for statement in (
            "update result_rows set votes = 9",
            "update result_rows set name = 'Otra'",
            "delete from result_rows",
            "update results set note = ''",
            "delete from results",
        ):
            with pytest.raises(IntegrityError, match="never changed"), world.uow() as uow:
                uow.execute(text(statement))

    @pytest.mark.usefixtures("clips")
    def test_a_change_by_the_owner_of_the_tables_is_found(self, world: World) -> None:
        settled(world)
        with world.uow() as uow:
            force(uow, "result_rows", "update result_rows set votes = 9 where position = 2")
            found = checking.compare(uow, seasons.show(uow, SLUG))
        assert found == ["the rows of version 1 of temporada-de-prueba are not those that were signed"]
        assert world.client.get(f"/api/public/seasons/{SLUG}/results.csv").status_code == 500

    @pytest.mark.usefixtures("clips")
    def test_a_vote_of_frozen_results_is_not_voided_any_more(self, world: World) -> None:
        settled(world)
        with pytest.raises(IntegrityError, match="are frozen"), world.uow() as uow:
            uow.execute(text("update votes set voided_at = now(), void_reason = 'fraud'"))
        with world.uow() as uow:
            votes = list(uow.execute(text("select id from votes")).scalars())
            assert contest.void_votes_of(uow, votes, VoidReason.FRAUD) == 0


class TestReopening:
    def test_the_old_version_stays_and_is_superseded_by_the_next_close(self, world: World, clips: list[UUID]) -> None:
        settled(world)
        with world.uow() as uow:
            seasons.reopen(uow, OPERATOR, SLUG, None, "se cerró por error")
        assert shown(world)["superseded"] is True
        assert vote(world, world.player("Iris Paz"), clips[2]) == 200
        assert vote(world, world.player("Otra Paz"), clips[2]) == 200
        settled(world)
        now, before = shown(world), shown(world, version=1)
        assert usernames(now["places"])[0] == "nora.paz"
        assert (now["version"], now["superseded"]) == (2, False)
        assert usernames(before["places"])[0] == "marta.gil"
        assert (before["superseded"], [each["version"] for each in before["versions"]]) == (True, [2, 1])

    @pytest.mark.usefixtures("clips")
    def test_results_that_were_never_public_stay_so(self, world: World) -> None:
        with world.uow() as uow:
            later = "update seasons set closed_at = clock_timestamp(), results_at = now() + interval '1 hour'"
            uow.execute(text(later))
        settled(world, closes=False)
        assert frozen(world) == 1
        with world.uow() as uow:
            seasons.reopen(uow, OPERATOR, SLUG, None, "se cerró por error")
        with world.uow() as uow:
            force(uow, "results", "update results set due_at = now() - interval '1 second'")
            uow.execute(text("update seasons set reopened_at = now() - interval '1 minute'"))
        assert world.client.get(f"/api/public/seasons/{SLUG}/results").status_code == 404


def is_closed(world: World) -> bool:
    with world.uow() as uow:
        return seasons.show(uow, SLUG).is_closed


def hold_all_of(world: World, clip: UUID) -> list[int]:
    """Let two more people vote for a clip; their votes are held as doubtful."""
    leave_uncounted(world.client)
    for name in ("Iris Paz", "Olga Paz"):
        assert vote(world, world.player(name), clip) == 200
    with world.uow() as uow:
        return hold_pending(uow, season_id(world))
