"""The upload page before a clip is chosen: what the season still takes of a player."""

import json
import re

import httpx2 as httpx
import pytest
from sqlalchemy import text

from anb.contest import service as contest
from anb.media import rules
from support.browser_client import browser_client
from support.worlds import OPERATOR, Player, World

FORM = 'action="/upload"'


@pytest.fixture
def player(world: World) -> Player:
    world.season(clips_per_player=2)
    return world.player()


def shown(player: Player, language: str = "es") -> str:
    with browser_client(player.world, player) as browser:
        answer = browser.get("/upload", headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.text


def move(world: World, column: str, distance: str) -> None:
    with world.uow() as uow:
        uow.execute(text(f"update seasons set {column} = now() + interval '{distance}' where closed_at is null"))  # noqa: S608


def test_it_counts_the_clips_that_are_left(player: Player) -> None:
    assert "Te quedan 2 clips por enviar en esta temporada." in shown(player)
    player.upload()
    assert "Te queda 1 clip por enviar en esta temporada." in shown(player)
    assert "You can send 1 more clip this season." in shown(player, "en")
    assert "Te quedan 2 clips" in shown(player.world.player("Ana Paz"))


def test_a_player_without_clips_left_reads_the_servers_refusal_and_finds_no_form(player: Player) -> None:
    assert FORM in shown(player)
    player.upload("Uno")
    player.upload("Dos")
    page = shown(player)
    assert "Ya enviaste 2 clips a esta temporada: no se permiten más." in page
    assert FORM not in page
    assert "upload.js" not in page


def test_the_script_is_told_the_limits_and_the_servers_sentences(player: Player) -> None:
    page = shown(player)
    (said,) = re.findall(r'<script type="application/json" data-words>(.*?)</script>', page, re.DOTALL)
    words = json.loads(said)
    assert 'data-left="2"' in page
    assert words["surplus"] == "Te quedan 2 clips por enviar en esta temporada."
    assert (words["edit_seconds"], words["least_seconds"], words["most_seconds"]) == (30, 20, 60)
    short = rules.TooShort(seconds="{seconds}", least=20.0, most=60.0)
    assert words["too_short"] == short.text("es")


def test_a_season_without_a_limit_counts_nothing(world: World) -> None:
    page = shown(world.player())
    assert FORM in page
    assert "en esta temporada" not in page


@pytest.mark.parametrize(
    ("column", "distance", "said"),
    [("uploads_close_at", "0", "recibió clips hasta el"), ("opened_at", "1 hour", "recibe clips desde el")],
    ids=["closed", "not yet"],
)
def test_outside_the_days_of_uploads_it_says_which_they_are(
    player: Player, column: str, distance: str, said: str
) -> None:
    move(player.world, column, distance)
    page = shown(player)
    assert said in page
    assert FORM not in page


def test_between_two_seasons_clips_are_taken(player: Player) -> None:
    with player.world.uow() as uow:
        contest.close_season(uow, OPERATOR)
    assert FORM in shown(player)


class TestStart:
    """Without a script, the second at which the edit starts is a field for a number."""

    @staticmethod
    def sent(player: Player, start: str) -> httpx.Response:
        with browser_client(player.world, player) as browser:
            fields = {"title": "Triple", "start_seconds": start}
            return browser.post("/upload", data=fields, files={"video_file": b"\0\0\0\x18ftypisom a clip"})

    def test_it_is_kept_with_the_clip(self, player: Player) -> None:
        assert self.sent(player, "1.5").status_code == 303
        (video,) = player.world.client.get("/api/videos", headers=player.headers).json()
        assert video["start_seconds"] == 1.5

    def test_one_that_is_no_number_is_named_at_its_field_and_what_was_typed_stays(self, player: Player) -> None:
        page = self.sent(player, "doce")
        assert page.status_code == 400
        assert re.search(r'id="error-start_seconds">[^<]+</p>', page.text)
        assert 'value="doce"' in page.text
        assert 'value="Triple"' in page.text

    def test_one_too_late_is_refused_with_the_latest(self, player: Player) -> None:
        page = self.sent(player, "2.5")  # of 22 s
        assert "elige un comienzo de 0 a 2 s" in page.text
        assert 'value="2.5"' in page.text

    def test_it_goes_up_to_what_the_longest_clip_allows(self, player: Player) -> None:
        assert 'name="start_seconds" type="number" min="0" max="40.0"' in shown(player)
