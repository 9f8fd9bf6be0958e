"""What a season asks for: decided when it opens; nothing where the platform opens one automatically."""

from collections.abc import Iterator

import pytest

from anb.accounts import recovery
from anb.contest import seasons
from anb.contest import service as contest
from anb.contest.domain import ASKS_NOTHING, Season
from support.commands import Anb, anb_on
from support.publishing import publish
from support.worlds import OPERATOR, AcceptedClip, World


@pytest.fixture
def anb(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anb]:
    with world.uow() as uow:
        contest.close_season(uow, OPERATOR)
    yield from anb_on(world, monkeypatch)


def opened(world: World) -> Season:
    with world.uow() as uow:
        season = contest.current_season(uow)
    assert season is not None
    return season


@pytest.mark.parametrize(
    ("words", "asks", "said"),
    [
        ((), (True, True), "confirmed e-mail, consent"),
        (("--no-confirmation",), (False, True), "consent"),
        (("--no-consent",), (True, False), "confirmed e-mail"),
        (("--no-confirmation", "--no-consent", "--moderated"), (False, False), "nothing"),
    ],
)
def test_a_season_of_the_console_asks_for_both_unless_told_otherwise(
    world: World, anb: Anb, words: tuple[str, ...], asks: tuple[bool, bool], said: str
) -> None:
    done = anb("season", "open", "Temporada 2", *words)
    assert done.exit_code == 0, done.output
    assert f"It asks for: {said}." in done.output
    season = opened(world)
    assert (season.asks_confirmation, season.asks_consent) == asks
    assert season.moderated == ("--moderated" in words)


def test_the_automatic_season_asks_for_nothing(world: World) -> None:
    season = opened(world)
    assert (season.moderated, season.asks_confirmation, season.asks_consent) == (False, False, False)
    assert (ASKS_NOTHING.asks_confirmation, ASKS_NOTHING.asks_consent) == (False, False)


class TestConfirmedVoters:
    @pytest.fixture
    def clip(self, world: World) -> AcceptedClip:
        world.season(asks_confirmation=True)
        clip = world.player().upload()
        publish(world, clip)
        return clip

    def test_an_unconfirmed_account_is_told_what_to_do_and_votes_once_it_is_confirmed(
        self, world: World, clip: AcceptedClip
    ) -> None:
        fan = world.player("Fabio Fan")
        path = f"/api/public/videos/{clip.video_id}/vote"
        refused = world.client.post(path, headers=fan.headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "email-not-confirmed")
        assert "abre el enlace" in refused.json()["detail"]
        with world.uow() as uow:
            recovery.confirm_by_operator(uow, fan.email, OPERATOR)
        assert world.client.post(path, headers=fan.headers).status_code == 200

    def test_the_page_says_the_same(self, world: World, clip: AcceptedClip) -> None:
        fan = world.player("Fabio Fan")
        world.client.cookies.set("__Host-anb", fan.headers["Authorization"].removeprefix("Bearer "))
        headers = {"Origin": "https://testserver", "Accept": "text/html", "Accept-Language": "en"}
        page = world.client.post(f"/videos/{clip.video_id}/vote", headers=headers)
        assert page.status_code == 403
        assert "Confirm your e-mail before you vote" in page.text

    def test_a_season_without_the_rule_lets_them_vote(self, world: World, clip: AcceptedClip) -> None:
        with world.uow() as uow:
            season = contest.current_season(uow)
            assert season is not None
            seasons.change_rules(uow, OPERATOR, season.slug, ASKS_NOTHING)
        fan = world.player("Fabio Fan")
        vote = world.client.post(f"/api/public/videos/{clip.video_id}/vote", headers=fan.headers)
        assert vote.status_code == 200, vote.text
