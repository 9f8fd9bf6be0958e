"""Names written from right to left do not affect the direction of other text, wherever a page shows them."""

import re

import pytest

from support.browser_client import browser_client, published
from support.worlds import Player, World

TITLE, FIRST, LAST, CITY = "שלוש נקודות", "נועה", "אלון", "חיפה"
HEBREW = re.compile(r"[\u0590-\u05ff]+")
# What isolates a direction: an element for it, an option (as browsers draw it), a pair of characters, or an attribute
# that has nothing else.
APART = re.compile(
    r"<bdi>[^<]*</bdi>|<option\b[^>]*>[^<]*</option>|\u2068[^\u2068\u2069<]*\u2069"
    r'|<meta [^>]*content="[\u0590-\u05ff ]*">|<link [^>]*title="[\u0590-\u05ff ]*">|<input type="hidden"[^>]*>'
)
# The letters on a jersey are an image, hidden from screen readers.
JERSEY = re.compile(r"<text\b[^>]*>[^<]*</text>")


@pytest.fixture
def player(world: World) -> Player:
    """A player with a published clip, among enough others for the table below the podium."""
    hebrew = world.player(f"{FIRST} {LAST}", CITY)
    published(world, hebrew, TITLE)
    hebrew.upload(TITLE)  # waits: it may be deleted yet
    published(world, world.player("Ana Paz", "Cali"))
    return hebrew


def shown_bare(page: str) -> list[str]:
    """Return the Hebrew words that could change the direction of the text around them."""
    return HEBREW.findall(APART.sub("", JERSEY.sub("", page)))


@pytest.mark.parametrize("language", ["es", "en"])
def test_what_players_write_turns_nothing_around_it(world: World, player: Player, language: str) -> None:
    mine = world.client.get("/api/videos", headers=player.headers).json()
    waiting, public = sorted((f"/videos/{video['video_id']}" for video in mine), reverse=True)
    pages = {
        "/": {TITLE, LAST, CITY},
        f"/?city={CITY}": {TITLE, LAST, CITY},
        f"/?city={LAST}": {LAST},  # no player is from there, and the page says so
        "/ranking": {LAST, CITY},
        f"/ranking?city={CITY}": {LAST, CITY},
        f"/ranking?city={LAST}": {LAST},
        "/me": {TITLE, FIRST},
        public: {TITLE, LAST, CITY},
        waiting: {TITLE},
    }
    with browser_client(world, player) as visitor:
        for path, words in pages.items():
            page = visitor.get(path, headers={"Accept-Language": language}).text
            assert {word for word in words if word not in page} == set(), path
            assert shown_bare(page) == [], path


def test_below_the_podium_and_in_the_long_list_of_cities_too(world: World) -> None:
    for letter in "אבגדהוז":
        published(world, world.player(f"{FIRST} {LAST}{letter}", f"{CITY}{letter}"), TITLE)
    with browser_client(world) as visitor:
        for path, sign in (("/ranking", '<th scope="row">'), ("/", "<option")):
            page = visitor.get(path).text
            assert sign in page
            assert shown_bare(page) == []
