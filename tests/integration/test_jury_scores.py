"""Scores: whole, changeable until the jury closes, and taken by the database alone, whatever happens at that moment."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.accounts import service as accounts
from anb.accounts.domain import Role
from anb.contest import seasons
from anb.jury import service
from anb.jury.clip_names import name_of
from anb.jury.domain import JurorsOnly, JuryClosed, ScoresSetAside
from anb.videos import publication
from anb.videos.domain import VideoNotFound
from support.jury import SeatedJuror, at, clips_for, judged, score_rows, season_of, seated
from support.locks import while_uncommitted
from support.worlds import OPERATOR, World


@pytest.fixture
def juror(world: World) -> SeatedJuror:
    judged(world)
    return seated(world)


@pytest.fixture
def clip(world: World, juror: SeatedJuror) -> UUID:  # noqa: ARG001 - the season of the jury comes first
    return clips_for(world, 1)[0]


class TestScore:
    def test_it_can_be_changed_and_taken_back(self, world: World, juror: SeatedJuror, clip: UUID) -> None:
        name = name_of(world.ports, clip)
        assert juror.score(name, 8, 6, note=" Buen tiro ").json()["revision"] == 1
        assert juror.queue()["scored"] == 1
        assert juror.score(name, 9, 6).json()["marks"] == {"technique": 9, "defence": 6}
        for _ in range(2):  # a repeated click
            assert "marks" not in juror.ask("DELETE", f"/api/jury/clips/{name}/score").json()["score"]
        assert (juror.queue()["scored"], score_rows(world)) == (0, [(None, None, 3)])
        assert juror.score(name).json()["revision"] == 4

    @pytest.mark.parametrize(
        "marks",
        [
            {},
            {"technique": 7},
            {"technique": 7, "defence": 0},
            {"technique": 11, "defence": 5},
            {"technique": 7, "defence": 7, "style": 7},
        ],
    )
    def test_it_has_a_mark_of_the_scale_for_each_criterion(
        self, world: World, juror: SeatedJuror, clip: UUID, marks: dict[str, int]
    ) -> None:
        body = {"marks": marks}
        refused = juror.ask("PUT", f"/api/jury/clips/{name_of(world.ports, clip)}/score", json=body).json()
        assert refused["code"] == "invalid-mark"
        assert "1 a 10" in refused["detail"]
        assert score_rows(world) == []

    def test_a_jurors_vote_goes_on_working_beside_it(self, world: World, juror: SeatedJuror, clip: UUID) -> None:
        juror.give(clip)
        assert juror.ask("POST", f"/api/public/videos/{clip}/vote").status_code == 200
        assert world.client.get("/api/public/videos").json()[0]["jury_votes"] == 1


class TestTwoWindows:
    def test_the_second_learns_that_the_score_has_changed(self, world: World, juror: SeatedJuror, clip: UUID) -> None:
        name = name_of(world.ports, clip)
        assert juror.score(name, 8, 8, revision=0).status_code == 200
        assert juror.score(name, 8, 8, revision=0).status_code == 200  # a second click
        refused = juror.score(name, 2, 2, revision=0)
        assert (refused.status_code, refused.json()["code"]) == (409, "score-changed")
        assert juror.score(name, 2, 2, revision=1).json()["revision"] == 2

    def test_of_scores_at_the_same_moment_one_stands(self, world: World, juror: SeatedJuror, clip: UUID) -> None:
        name = name_of(world.ports, clip)
        juror.queue()
        with ThreadPoolExecutor(6) as windows:
            answers = [windows.submit(juror.score, name, mark, mark, revision=0) for mark in range(1, 7)]
            statuses = sorted(one.result().status_code for one in answers)
        assert statuses == [200, 409, 409, 409, 409, 409]
        assert len(score_rows(world)) == 1


class TestClose:
    @pytest.mark.parametrize(
        ("moments", "taken"),
        [
            ({"closed_at": "now() + interval '1 hour'"}, True),
            ({"closed_at": "now()"}, False),
            ({"closed_at": "now()", "jury_closes_at": "now() + interval '1 hour'"}, True),
            ({"closed_at": "now() - interval '1 hour'", "jury_closes_at": "now()"}, False),
            ({"opened_at": "now() + interval '1 hour'"}, False),
        ],
        ids=["votes are open", "votes closed", "the jury closes later", "the jury closed too", "not begun"],
    )
    def test_the_clock_of_the_database_decides(
        self, world: World, juror: SeatedJuror, clip: UUID, moments: dict[str, str], taken: bool
    ) -> None:
        juror.queue()
        known = {"opened_at": "now() - interval '2 hours'", "results_at": "now() + interval '2 hours'"}
        with world.uow() as uow:
            uow.execute(text("update seasons set opened_at = opened_at - interval '1 day', "
                             "closed_at = closed_at - interval '1 day' where closed_at is not null"))  # fmt: skip
        at(world, **(known | moments))
        answer = juror.score(name_of(world.ports, clip))
        assert answer.status_code == (200 if taken else 400)
        assert len(score_rows(world)) == taken
        insert = text("insert into jury_scores (juror_id, video_id, season_id, marks) select :juror, :clip, season_id, "
                      "'{\"technique\": 7, \"defence\": 7}' from season_jurors returning 1")  # fmt: skip
        with world.uow() as uow:  # past all of our code
            uow.execute(text("alter table jury_scores disable trigger user"))
            uow.execute(text("delete from jury_scores"))
            uow.execute(text("alter table jury_scores enable trigger user"))
            added = uow.execute(insert, {"juror": juror.player.id, "clip": clip}).all()
        assert len(added) == taken

    def test_the_second_of_the_close_is_late(self, world: World, juror: SeatedJuror, clip: UUID) -> None:
        juror.give(clip)
        at(world, closed_at="clock_timestamp() + interval '1 second'")
        with world.uow() as uow:
            ends = season_of(world).closed_at
            change = text("update jury_scores set revision = revision + 1 returning scored_at")
            while (row := uow.execute(change).one_or_none()) is not None:
                assert row.scored_at < ends
            assert uow.execute(text("select clock_timestamp()")).scalar_one() >= ends

    def test_it_may_be_later_than_the_votes_but_not_than_the_results(self, world: World, juror: SeatedJuror) -> None:
        slug, headers = season_of(world).slug, world.organizer().headers
        days = [f"2099-01-0{day}T00:00:00Z" for day in (1, 2, 3)]
        for closes, jury, results, status in (
            (days[0], days[1], days[2], 200), (days[1], days[0], days[2], 400),
            (days[0], days[2], days[1], 400), (days[0], days[1], None, 400),
        ):  # fmt: skip
            body = {"closed_at": closes, "jury_closes_at": jury, "results_at": results, "reason": "x"}
            answer = world.client.put(f"/api/admin/seasons/{slug}/calendar", json=body, headers=headers)
            assert answer.status_code == status, answer.text
        assert juror.queue()["closes_at"] == days[1]


class TestAtTheSameMoment:
    def test_a_score_waits_for_an_early_close_and_is_late(self, world: World, juror: SeatedJuror, clip: UUID) -> None:
        juror.queue()
        done = while_uncommitted(world, lambda uow: seasons.close_season(uow, OPERATOR), lambda: juror.give(clip))
        with pytest.raises(JuryClosed):
            done.result()
        assert score_rows(world) == []

    def test_it_waits_for_whoever_takes_the_role(self, world: World, juror: SeatedJuror, clip: UUID) -> None:
        juror.queue()
        done = while_uncommitted(
            world, lambda uow: accounts.give_role(uow, juror.player.email, Role.PLAYER), lambda: juror.give(clip)
        )
        with pytest.raises(JurorsOnly):
            done.result()
        assert score_rows(world) == []

    def test_it_waits_for_whoever_hides_the_clip(self, world: World, juror: SeatedJuror, clip: UUID) -> None:
        juror.queue()
        done = while_uncommitted(
            world, lambda uow: publication.set_published(uow, clip, published=False), lambda: juror.give(clip)
        )
        with pytest.raises(VideoNotFound):
            done.result()
        assert score_rows(world) == []

    def test_it_waits_for_whoever_sets_the_juror_aside(self, world: World, juror: SeatedJuror, clip: UUID) -> None:
        juror.queue()
        season = season_of(world)
        done = while_uncommitted(
            world,
            lambda uow: service.set_aside(uow, OPERATOR, season, juror.player.id, "x", aside=True),
            lambda: juror.give(clip),
        )
        with pytest.raises(ScoresSetAside):
            done.result()

    def test_jurors_who_come_at_once_get_places_of_their_own(self, world: World) -> None:
        judged(world)
        jurors = [seated(world, f"Jurado {number}") for number in range(6)]
        with ThreadPoolExecutor(6) as at_once:
            list(at_once.map(lambda one: one.queue(), jurors))
        with world.uow() as uow:
            assert sorted(uow.execute(text("select place from season_jurors")).scalars()) == list(range(6))
