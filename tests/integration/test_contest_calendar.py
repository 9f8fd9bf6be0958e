"""The calendar of a season: what its phases let people do, second by second, and what happens at a close."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.accounts.domain import Actor
from anb.contest import seasons
from anb.contest import service as contest
from anb.contest.domain import (
    InvalidCalendar,
    ReasonNeeded,
    Season,
    SeasonCalendar,
    SeasonClosed,
    SeasonNotClosed,
    SeasonRules,
    SeasonsOverlap,
)
from anb.zones import in_colombia
from support.browser_client import browser_client, published
from support.tus import TusSender
from support.waiting import until
from support.worlds import OPERATOR, Player, World

CLIP = b"\0\0\0\x18ftypisom one clip"


def current(world: World) -> Season:
    with world.uow() as uow:
        season = contest.current_season(uow)
    assert season is not None
    return season


def shift(world: World, **seconds: float) -> dict[str, datetime]:
    """Put moments of the running season this many seconds from now, by the database's clock."""
    with world.uow() as uow:
        for name, distance in seconds.items():
            moment = f"clock_timestamp() + make_interval(secs => {distance})"
            uow.execute(text(f"update seasons set {name} = {moment} where closed_at is null or closed_at > now()"))  # noqa: S608
        row = uow.execute(text("select * from seasons order by opened_at desc limit 1")).one()
    return dict(row._mapping)


def vote(world: World, voter: Player, video_id: UUID) -> tuple[int, str]:
    answer = world.client.post(f"/api/public/videos/{video_id}/vote", headers=voter.headers)
    return answer.status_code, answer.json().get("code", "")


def send(world: World, player: Player, body: bytes = CLIP) -> tuple[int, str]:
    files = {"video_file": ("clip.mp4", body, "video/mp4")}
    made = world.client.post("/api/videos/upload", files=files, data={"title": "uno"}, headers=player.headers)
    return made.status_code, made.json().get("code", "")


class TestPhases:
    def test_votes_open_at_their_second(self, world: World) -> None:
        clip, fan = published(world, world.player()), world.player("Ana Paz")
        opens = shift(world, votes_open_at=30)["votes_open_at"]
        answer = world.client.post(f"/api/public/videos/{clip}/vote", headers=fan.headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "votes-not-open-yet")
        assert in_colombia(opens) in answer.json()["detail"]
        assert datetime.fromisoformat(answer.json()["at"]) == opens
        shift(world, votes_open_at=0)
        assert vote(world, fan, clip)[0] == 200

    def test_votes_close_at_their_second_and_nobody_has_to_act(self, world: World) -> None:
        clip = published(world, world.player())
        shift(world, closed_at=30)
        assert vote(world, world.player("Ana Paz"), clip)[0] == 200
        shift(world, closed_at=0)
        assert vote(world, world.player("Eva Paz"), clip) == (400, "season-closed")
        with pytest.raises(SeasonClosed), world.uow() as uow:
            contest.close_season(uow, OPERATOR)

    def test_uploads_close_at_their_second_by_every_door(self, world: World) -> None:
        player = world.player()
        shift(world, uploads_close_at=30)
        assert send(world, player)[0] == 201
        begun = TusSender(player).begin(len(CLIP))
        closed = shift(world, uploads_close_at=0)["uploads_close_at"]
        assert send(world, player) == (400, "uploads-closed")
        created = TusSender(player).create(len(CLIP))
        assert (created.status_code, created.json()["code"]) == (400, "uploads-closed")
        assert in_colombia(closed) in created.json()["detail"]
        late = TusSender(player).send(begun, 0, CLIP)  # its last byte came too late
        assert (late.status_code, late.json()["code"]) == (400, "uploads-closed")
        assert len([key for key in world.files() if key.startswith("originals/")]) == 1

    def test_uploads_open_with_a_scheduled_season(self, world: World) -> None:
        with world.uow() as uow:
            contest.close_season(uow, OPERATOR)
            opens = datetime.now(UTC) + timedelta(days=1)
            calendar = SeasonCalendar(opened_at=opens, closed_at=opens + timedelta(days=9))
            seasons.schedule(uow, OPERATOR, "Otra temporada", SeasonRules(), calendar)
        player = world.player()
        assert send(world, player) == (400, "uploads-not-open-yet")
        shift(world, opened_at=0)
        assert send(world, player)[0] == 201

    def test_a_clips_page_says_when_voting_opens(self, world: World) -> None:
        clip = published(world, world.player())
        shift(world, votes_open_at=3600)
        with browser_client(world, world.player("Ana Paz")) as browser:
            page = browser.get(f"/videos/{clip}").text
        assert "Podrás votar desde el" in page
        assert "/vote" not in page

    def test_open_pages_learn_that_a_phase_began(self, world: World) -> None:
        shift(world, votes_open_at=0.4, closed_at=60)
        with world.uow() as uow:
            before = contest.version(uow)
        until(lambda: current(world).takes_votes)
        with world.uow() as uow:
            assert contest.version(uow) != before


class TestClose:
    def test_it_waits_for_a_vote_that_is_being_cast(self, world: World) -> None:
        clip, fan = published(world, world.player()), world.player("Ana Paz")
        with ThreadPoolExecutor(1) as pool:
            with world.uow() as slow:
                contest.cast_vote(slow, world.ports, Actor(fan.id), clip)
                closing = pool.submit(close, world)
                assert wait([closing], 0.3).not_done
            closing.result()
        assert votes(world) == 1
        assert late_votes(world) == 0

    def test_a_vote_that_was_checked_before_it_is_refused(self, world: World) -> None:
        clip, fan = published(world, world.player()), world.player("Ana Paz")
        with ThreadPoolExecutor(1) as pool:
            with world.uow() as closing:
                contest.close_season(closing, OPERATOR)
                voting = pool.submit(vote, world, fan, clip)
                assert wait([voting], 0.3).not_done
            assert voting.result() == (400, "season-closed")
        assert votes(world) == 0

    def test_after_it_no_vote_comes_whatever_was_under_way(self, world: World) -> None:
        clip = published(world, world.player())
        fans = [world.player(f"Votante V{number}") for number in range(12)]
        with ThreadPoolExecutor(6) as pool:
            casting = [pool.submit(vote, world, fan, clip) for fan in fans]
            wait(casting[:3])
            close(world)
            counted = votes(world)
            answers = [each.result() for each in casting]
        assert votes(world) == counted == answers.count((200, ""))
        assert late_votes(world) == 0

    def test_it_moves_only_moments_that_were_to_come(self, world: World) -> None:
        opened = current(world)
        with world.uow() as uow:
            closed = contest.close_season(uow, OPERATOR)
        assert (closed.uploads_close_at, closed.votes_open_at, closed.opened_at) == (None, None, opened.opened_at)
        with world.uow() as uow:
            contest.open_season(uow, OPERATOR, "Otra temporada")
        shift(world, uploads_close_at=3600, votes_open_at=7200)
        with world.uow() as uow:
            early = contest.close_season(uow, OPERATOR)
        assert early.uploads_close_at == early.votes_open_at == early.closed_at

    def test_it_is_reopened_for_votes_alone_and_with_a_reason(self, world: World) -> None:
        clip, slug = published(world, world.player()), current(world).slug
        with pytest.raises(SeasonNotClosed), world.uow() as uow:
            seasons.reopen(uow, OPERATOR, slug, None, "se cerró por error")
        close(world)
        with pytest.raises(ReasonNeeded), world.uow() as uow:
            seasons.reopen(uow, OPERATOR, slug, None, " ")
        with world.uow() as uow:
            seasons.reopen(uow, OPERATOR, slug, None, "se cerró por error")
        assert vote(world, world.player("Ana Paz"), clip)[0] == 200
        assert send(world, world.player("Eva Paz")) == (400, "uploads-closed")

    def test_a_season_after_which_another_one_opened_stays_closed(self, world: World) -> None:
        slug = current(world).slug
        world.season()
        with pytest.raises(SeasonsOverlap), world.uow() as uow:
            seasons.reopen(uow, OPERATOR, slug, None, "se cerró por error")


class TestChanges:
    def test_what_has_begun_stays_begun(self, world: World) -> None:
        season = current(world)
        shift(world, votes_open_at=0)
        now = current(world).now
        opens = SeasonCalendar(opened_at=now + timedelta(days=1))
        begun = SeasonCalendar(opened_at=season.opened_at, votes_open_at=now + timedelta(days=1))
        over = SeasonCalendar(opened_at=season.opened_at, closed_at=now)
        for calendar in (opens, begun, over):
            with pytest.raises(InvalidCalendar), world.uow() as uow:
                seasons.reschedule(uow, OPERATOR, season.slug, calendar)

    def test_once_votes_were_cast_rules_and_calendar_change_only_with_a_reason(self, world: World) -> None:
        clip, season = published(world, world.player()), current(world)
        rules, calendar = SeasonRules(votes_per_day=3), SeasonCalendar(closed_at=season.now + timedelta(days=1))
        with world.uow() as uow:
            seasons.change_rules(uow, OPERATOR, season.slug, SeasonRules(clips_per_player=5))
        vote(world, world.player("Ana Paz"), clip)
        with pytest.raises(ReasonNeeded), world.uow() as uow:
            seasons.change_rules(uow, OPERATOR, season.slug, rules)
        with pytest.raises(ReasonNeeded), world.uow() as uow:
            seasons.reschedule(uow, OPERATOR, season.slug, calendar)
        with world.uow() as uow:
            seasons.change_rules(uow, OPERATOR, season.slug, rules, "hubo abuso")
            seasons.reschedule(uow, OPERATOR, season.slug, calendar, "se anunció otro día")
        assert (current(world).votes_per_day, current(world).closed_at) == (3, calendar.closed_at)


def close(world: World) -> None:
    with world.uow() as uow:
        contest.close_season(uow, OPERATOR)


def votes(world: World) -> int:
    with world.uow() as uow:
        return int(uow.execute(text("select count(*) from votes")).scalar_one())


def late_votes(world: World) -> int:
    late = "select count(*) from votes join seasons on seasons.id = season_id where cast_at >= closed_at"
    with world.uow() as uow:
        return int(uow.execute(text(late)).scalar_one())
