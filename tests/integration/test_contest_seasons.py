"""Seasons one after another: each begins at zero, and those that are over stay readable."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from anb.contest import seasons
from anb.contest import service as contest
from anb.contest.domain import Season, SeasonNotFound, SeasonOpenAlready, SeasonRules
from anb.db.session import UnitOfWork
from anb.media.recipe import RECIPE_VERSION
from anb.media.renditions import MADE
from anb.videos import consent_loss
from anb.videos import publication as videos
from anb.videos.verdict import ClipState
from support.browser_client import browser_client, published
from support.locks import while_uncommitted
from support.moderating import acts_on, moderate, state_of
from support.publishing import begin, keep, publish
from support.worlds import OPERATOR, Player, World


def test_a_season_of_which_there_is_none_is_not_held(world: World) -> None:
    with world.uow() as uow, pytest.raises(SeasonNotFound):
        contest.hold_season(uow, UUID(int=7))


FIRST, SECOND = "temporada-de-prueba", "otra-temporada"


def vote(world: World, voter: Player, video_id: UUID) -> tuple[int, str]:
    answer = world.client.post(f"/api/public/videos/{video_id}/vote", headers=voter.headers)
    return answer.status_code, answer.json().get("code", "")


def listed(world: World, query: str = "") -> list[str]:
    return [clip["video_id"] for clip in world.client.get(f"/api/public/videos{query}").json()]


def ranked(world: World, query: str = "") -> list[tuple[str, int]]:
    return [(rank["username"], rank["votes"]) for rank in world.client.get(f"/api/public/rankings{query}").json()]


def season_of(world: World, video_id: UUID) -> str | None:
    with world.uow() as uow:
        query = "select slug from seasons join videos on season_id = seasons.id where videos.id = :video"
        slug: str | None = uow.execute(text(query), {"video": video_id}).scalar_one_or_none()
    return slug


class TestSecondSeason:
    @pytest.fixture
    def past(self, world: World) -> UUID:
        """Return a clip with a vote, in a season after which another one opened."""
        clip = published(world, world.player())
        assert vote(world, world.player("Ana Paz"), clip)[0] == 200
        world.season()
        return clip

    @pytest.mark.usefixtures("past")
    def test_it_begins_at_zero(self, world: World) -> None:
        assert (listed(world), ranked(world)) == ([], [])
        newer = published(world, world.player("Eva Paz"))
        assert (listed(world), ranked(world)) == ([str(newer)], [("eva.paz", 0)])

    def test_the_past_one_stays_readable(self, world: World, past: UUID) -> None:
        assert listed(world, f"?season={FIRST}") == [str(past)]
        assert ranked(world, f"?season={FIRST}") == [("lucia.rios", 1)]
        assert ranked(world, f"?season={FIRST}&city=BOGOTA") == [("lucia.rios", 1)]

    def test_no_vote_reaches_a_clip_of_the_past(self, world: World, past: UUID) -> None:
        assert vote(world, world.player("Eva Paz"), past) == (400, "season-closed")
        assert ranked(world, f"?season={FIRST}") == [("lucia.rios", 1)]

    def test_a_clip_belongs_to_the_season_in_which_it_was_sent(self, world: World, past: UUID) -> None:
        upload = world.player("Eva Paz").upload()
        world.season()
        publish(world, upload)
        assert (season_of(world, past), season_of(world, upload.video_id)) == (FIRST, SECOND)
        assert listed(world) == []
        assert listed(world, f"?season={SECOND}") == [str(upload.video_id)]

    def test_pages_show_the_present_season_and_lead_to_the_past(self, world: World, past: UUID) -> None:
        with browser_client(world) as browser:
            home, before = browser.get("/").text, browser.get(f"/?season={FIRST}").text
            ranking = browser.get(f"/ranking?season={FIRST}").text
            assert f"/?season={FIRST}" in home
            assert f"/videos/{past}" not in home
            assert f"/videos/{past}" in before
            assert "Lucía Ríos" in ranking
            assert "Lucía Ríos" not in browser.get("/ranking").text
            assert browser.get(f"/videos/{past}").status_code == 200
            assert f"season={FIRST}" in before.partition('data-counts="')[2].partition('"')[0]
            assert browser.get("/?season=no-such").status_code == 404

    def test_its_owner_still_sees_the_votes_of_a_past_clip(self, world: World, past: UUID) -> None:
        owner = world.client.get("/api/public/videos?season=" + FIRST).json()[0]
        assert owner["votes"] == 1
        with world.uow() as uow:
            assert contest.show_public(uow, past).votes == 1

    @pytest.mark.parametrize("path", ["/api/public/videos", "/api/public/rankings"])
    def test_a_season_that_is_not_is_404_and_no_slug_400(self, world: World, path: str) -> None:
        missing = world.client.get(f"{path}?season=no-such")
        assert (missing.status_code, missing.json()["code"]) == (404, "season-not-found")
        assert world.client.get(f"{path}?season=%00").status_code == 400


def between_seasons(world: World) -> UUID:
    """Return a clip that was sent and edited after a season closed and before the next one was added."""
    with world.uow() as uow:
        contest.close_season(uow, OPERATOR)
    return published(world, world.player())


def open_moderated(uow: UnitOfWork) -> None:
    contest.open_season(uow, OPERATOR, "Otra temporada", SeasonRules(moderated=True))


class TestBetweenSeasons:
    def test_a_clip_is_accepted_and_enters_the_next_season(self, world: World) -> None:
        with world.uow() as uow:
            contest.close_season(uow, OPERATOR)
        clip = published(world, world.player())
        assert season_of(world, clip) is None
        assert vote(world, world.player("Ana Paz"), clip) == (400, "season-closed")
        with world.uow() as uow:
            contest.open_season(uow, OPERATOR, "Otra temporada")
        assert listed(world) == [str(clip)]
        assert vote(world, world.player("Eva Paz"), clip)[0] == 200

    def test_where_the_next_one_is_moderated_it_waits_until_somebody_decides(self, world: World) -> None:
        clip = between_seasons(world)
        with world.uow() as uow:
            open_moderated(uow)
        assert (listed(world), season_of(world, clip)) == ([], SECOND)
        assert world.client.get(f"/videos/{clip}").status_code == 404
        assert state_of(world, clip) is ClipState.WAITING
        organizer = world.organizer()
        assert moderate(world, organizer, clip, "refuse") == 200
        assert moderate(world, organizer, clip, "reverse-refusal") == 200
        assert moderate(world, organizer, clip, "approve") == 200
        assert listed(world) == [str(clip)]
        assert [act for act, _ in acts_on(world, clip)] == ["clip_approved", "refusal_reversed", "clip_refused"]

    def test_what_was_hidden_in_a_season_stays_hidden(self, world: World) -> None:
        clip = published(world, world.player())
        assert moderate(world, world.organizer(), clip, "hide") == 200
        world.season(moderated=True)
        assert state_of(world, clip) is ClipState.HIDDEN

    def test_an_edit_that_ends_while_a_moderated_season_opens_waits(self, world: World) -> None:
        with world.uow() as uow:
            contest.close_season(uow, OPERATOR)
        upload = world.player().upload()
        claim, made = begin(world, upload.task_id), [keep(world, rendition, RECIPE_VERSION) for rendition in MADE]

        def finish() -> bool:
            with world.uow() as uow:
                return claim is not None and contest.publish(uow, world.ports, claim, made, {})

        assert while_uncommitted(world, open_moderated, finish).result()
        assert (state_of(world, upload.video_id), season_of(world, upload.video_id)) == (ClipState.WAITING, SECOND)

    def test_a_consent_that_returns_publishes_nothing_that_no_moderator_saw(self, world: World) -> None:
        clip = between_seasons(world)
        with world.uow() as uow:
            owner = videos.get_video(uow, clip).owner_id
            consent_loss.hide(uow, clip)
            open_moderated(uow)
            assert consent_loss.end(uow, owner) == 1
        assert state_of(world, clip) is ClipState.WAITING

    def test_lists_stay_those_of_the_last_season(self, world: World) -> None:
        clip = published(world, world.player())
        with world.uow() as uow:
            contest.close_season(uow, OPERATOR)
        assert listed(world) == [str(clip)]

    def test_a_clip_that_finds_no_season_is_seen_by_the_one_that_opens_at_that_moment(self, world: World) -> None:
        with world.uow() as uow:
            contest.close_season(uow, OPERATOR)
        player = world.player()

        def send(_: int) -> UUID:
            return player.upload().video_id

        def open_next() -> None:
            with world.uow() as uow:
                contest.open_season(uow, OPERATOR, "Otra temporada")

        with ThreadPoolExecutor(4) as pool:
            sent = pool.map(send, range(6))
            opening = pool.submit(open_next)
            clips = list(sent)
            opening.result()
        assert {season_of(world, clip) for clip in clips} == {SECOND}


class TestOneAtATime:
    def test_of_two_that_open_at_once_one_does(self, world: World) -> None:
        with world.uow() as uow:
            contest.close_season(uow, OPERATOR)

        def open_one(number: int) -> bool:
            try:
                with world.uow() as uow:
                    contest.open_season(uow, OPERATOR, f"Temporada {number}")
            except SeasonOpenAlready:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(open_one, range(4))) == 1

    def test_the_database_lets_no_two_overlap(self, world: World) -> None:
        second = "insert into seasons (name, opened_at, closed_at) values ('x', now() + '1 day', now() + '2 days')"
        with pytest.raises(IntegrityError, match="seasons_one_at_a_time"), world.uow() as uow:
            uow.execute(text(second))

    def test_a_name_that_was_there_before_gets_another_slug(self, world: World) -> None:
        world.season()
        world.season()
        with world.uow() as uow:
            slugs = [season.slug for season in seasons.list_seasons(uow)]
        assert slugs == [f"{SECOND}-2", SECOND, FIRST]

    def test_without_a_season_the_version_before_inserts_one_too(self, world: World) -> None:
        with world.uow() as uow:
            contest.close_season(uow, OPERATOR)
        with world.uow() as uow:
            uow.execute(text("insert into seasons (name) values ('de antes')"))
        with world.uow() as uow:
            found: Season | None = contest.current_season(uow)
        assert found is not None
        assert (found.name, found.takes_votes) == ("de antes", True)
