"""Every boundary of a season to the second, whatever zone the server, the session or the process is in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from anb.contest import seasons, voters
from anb.contest import service as contest
from anb.contest.domain import Phase
from anb.db import session
from anb.zones import COLOMBIA
from support.browser_client import published
from support.closing import move, settled
from support.counting import force
from support.worlds import Player, World, make_world

# With daylight saving time in the north, in the south by half an hour, by a negative hour, and none but far away.
ZONES = ["America/New_York", "Australia/Lord_Howe", "Europe/Dublin", "Pacific/Kiritimati"]


@pytest.fixture(params=["as it is", *ZONES])
def zoned(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let PostgreSQL's sessions and libpq be in a zone."""
    zone = str(request.param)
    if zone != "as it is":
        monkeypatch.setenv("PGTZ", zone)
        monkeypatch.setattr(session, "_OPTIONS", session._OPTIONS.replace("timezone=UTC", f"timezone={zone}"))
    return zone


@pytest.fixture
def world(zoned: str, tmp_path: Path, database_url: str, redis_url: str) -> Iterator[World]:
    """Return a world of that zone."""
    with make_world(tmp_path, database_url, redis_url) as made:
        if zoned != "as it is":
            with made.uow() as uow:
                assert uow.execute(text("show timezone")).scalar_one() == zoned
        yield made


def vote(world: World, clip: UUID) -> str:
    fan: Player = world.player(f"Ana N{next(FANS)}")
    answer = world.client.post(f"/api/public/videos/{clip}/vote", headers=fan.headers)
    return "" if answer.status_code == 200 else str(answer.json()["code"])


FANS = iter(range(10_000))


def send(world: World, player: Player) -> str:
    files = {"video_file": ("clip.mp4", b"\0\0\0\x18ftypisom one clip", "video/mp4")}
    answer = world.client.post("/api/videos/upload", files=files, data={"title": "uno"}, headers=player.headers)
    return "" if answer.status_code == 201 else str(answer.json()["code"])


def phase(world: World) -> Phase:
    with world.uow() as uow:
        return seasons.list_seasons(uow)[0].phase


def test_each_boundary_is_of_the_phase_that_it_begins(world: World) -> None:
    player = world.player()
    clip = published(world, player)
    before, at = 60, 0  # seconds from now
    move(world, votes_open_at=before)
    assert (phase(world), vote(world, clip), send(world, player)) == (Phase.UPLOADS, "votes-not-open-yet", "")
    move(world, votes_open_at=at)
    assert (phase(world), vote(world, clip)) == (Phase.OPEN, "")
    move(world, uploads_close_at=before)
    assert (phase(world), send(world, player)) == (Phase.OPEN, "")
    move(world, uploads_close_at=at)
    assert (phase(world), send(world, player), vote(world, clip)) == (Phase.VOTES, "uploads-closed", "")
    move(world, closed_at=before, results_at=3600)
    assert (phase(world), vote(world, clip)) == (Phase.VOTES, "")
    move(world, closed_at=at)
    assert (phase(world), vote(world, clip)) == (Phase.COUNTING, "season-closed")
    move(world, results_at=at)
    assert phase(world) is Phase.OVER
    settled(world, closes=False)
    assert world.client.get("/api/public/seasons/temporada-de-prueba/results").json()["players"] == 1


def test_moments_come_back_as_they_were_written(world: World) -> None:
    # Nights on which the United States and Lord Howe change their clocks: hours that come twice, or never.
    for moment in (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), datetime(2027, 3, 14, 2, 30, tzinfo=COLOMBIA)):
        with world.uow() as uow:
            uow.execute(text("update seasons set opened_at = '2020-01-01', closed_at = :at"), {"at": moment})
            season = seasons.list_seasons(uow)[0]
        assert season.closed_at is not None
        # Python never takes an hour that comes twice in a zone for equal to one of another zone.
        assert season.closed_at.astimezone(UTC) == moment.astimezone(UTC)
        assert abs(season.now - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_day_of_votes_begins_at_midnight_in_colombia(world: World) -> None:
    clips = [published(world, world.player(f"Lucía N{number}")) for number in range(2)]
    fan = world.player("Ana Paz")
    for clip in clips:
        assert world.client.post(f"/api/public/videos/{clip}/vote", headers=fan.headers).status_code == 200
    today = datetime.now(COLOMBIA).replace(hour=0, minute=0, second=0, microsecond=0)
    with world.uow() as uow:
        season = contest.current_season(uow)
        assert season is not None
        for clip, at in zip(clips, (today, today - timedelta(microseconds=1)), strict=True):
            force(uow, "votes", f"update votes set cast_at = '{at.isoformat()}' where video_id = '{clip}'")  # noqa: S608
    with world.uow() as uow:
        assert voters.count_today(uow, fan.id, season.id) == 1
