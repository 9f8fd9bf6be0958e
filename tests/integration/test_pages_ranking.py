"""The page of the ranking: how far each place is from the one before, and one's own place among its neighbours."""

import re
from uuid import UUID

import pytest

from anb.contest.domain import Rank
from anb.pages.standings import gaps
from support.browser_client import browser_client, published
from support.counting import seal
from support.leaving import vote
from support.worlds import Player, World


def placed(world: World) -> list[Player]:
    """Return players of Cali, but the third of Bogotá, with 3, 2, 2 and 0 votes."""
    cities = ("Cali", "Cali", "Bogotá", "Cali")
    players = [world.player(f"Jugadora {name}", city) for name, city in zip("ABCD", cities, strict=True)]
    clips = [published(world, player) for player in players]
    for number, most in enumerate((3, 3, 1)):
        fan = world.player(f"Hincha {number}")
        for clip in clips[:most]:
            assert vote(world, fan, clip) == 200
            seal(world)
    return players


def near(page: str) -> list[str]:
    """Return the players around one's own place."""
    section = page.partition('<section class="near"')[2].partition("</section>")[0]
    return re.findall(r"<bdi>Jugadora (\w)</bdi>", section)


def test_each_row_says_how_far_the_place_before_is(world: World) -> None:
    placed(world)
    with browser_client(world) as visitor:
        page = visitor.get("/ranking").text
        fragment = visitor.get("/fragments/ranking").text
    for shown in (page, fragment):
        assert "a 2 votos del puesto anterior" in shown
    assert 'class="near"' not in page


@pytest.mark.parametrize(
    ("query", "shown"), [("", ["A", "B", "C", "D"]), ("?city=cali", ["A", "B", "D"]), ("?city=bogota", [])]
)
def test_who_is_signed_in_sees_the_own_place_among_its_neighbours(world: World, query: str, shown: list[str]) -> None:
    own = placed(world)[1]
    with browser_client(world, own) as player:
        page = player.get(f"/ranking{query}").text
    assert near(page) == shown
    if shown:
        row = page.partition('class="own" aria-current="true"')[2].partition("</tr>")[0]
        assert "Jugadora B" in row
        assert "a 1 voto del puesto anterior" in row


def test_each_player_is_shown_by_the_newest_public_clip(world: World) -> None:
    players = placed(world)
    newest = [published(world, player) for player in players]
    hidden = world.player("Nadie").upload()
    with browser_client(world, players[1]) as player:
        page = player.get("/ranking").text
    shown = re.findall(r'src="/api/videos/([^/]+)/poster-640-jpeg"', page)
    assert set(shown) == {str(clip) for clip in newest}
    assert len(shown) == 2 * len(players)  # in the ranking, and around one's own place
    assert str(hidden.video_id) not in page


def test_who_has_no_clip_sees_no_place(world: World) -> None:
    placed(world)
    with browser_client(world, world.player("Ana Paz")) as player:
        assert near(player.get("/ranking").text) == []


def test_a_tie_is_no_gap_and_the_first_has_none() -> None:
    ids = [UUID(int=number) for number in range(3)]
    ranks = [
        Rank(n + 1, each, "", "", "", votes, 0, n, None)
        for n, (each, votes) in enumerate(zip(ids, (5, 2, 2), strict=True))
    ]
    assert gaps(ranks) == {ids[1]: 3, ids[2]: 0}
    assert gaps([]) == {}
