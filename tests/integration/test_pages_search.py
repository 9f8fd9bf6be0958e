"""The search of the home page: by players and titles, in its orders and cities, and on to the next clip found."""

import html
import re

import pytest

from support.browser_client import browser_client, published
from support.callers import calling
from support.worlds import World

CARD = re.compile(r'<h[23]><a href="(/videos/[^"]+)"><bdi>([^<]*)</bdi>')


def found(page: str) -> dict[str, str]:
    """Return the address of each card by its title."""
    return {title: html.unescape(address) for address, title in CARD.findall(page)}


@pytest.fixture
def clips(world: World) -> None:
    jose, ana = world.player("José Muñoz", "Bogotá"), world.player("Ana Triana", "Cali")
    for owner, title in ((jose, "Mi mejor triple"), (jose, "Mate"), (ana, "Triple de lejos"), (ana, "Gancho")):
        published(world, owner, title)


@pytest.mark.usefixtures("clips")
class TestSearch:
    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            ("q=jose", ["Mate", "Mi mejor triple"]),
            ("q=JOSE+tri", ["Mi mejor triple"]),
            ("q=tri", ["Gancho", "Triple de lejos", "Mi mejor triple"]),
            ("q=tri&city=cali", ["Gancho", "Triple de lejos"]),
            ("q=%C2%BF%3F", []),
            ("q=nadie", []),
        ],
        ids=["name without accent", "name and title", "any", "of a city", "signs only", "nothing"],
    )
    def test_finds_names_and_titles_by_the_beginnings_of_words(
        self, world: World, query: str, titles: list[str]
    ) -> None:
        with browser_client(world) as visitor:
            answer = visitor.get(f"/?{query}")
        assert answer.status_code == 200
        assert list(found(answer.text)) == titles
        assert ("No encontramos clips con" in answer.text) is not bool(titles)

    def test_a_card_leads_on_through_what_was_found(self, world: World) -> None:
        with browser_client(world) as visitor:
            addresses = found(visitor.get("/?q=jose").text)
            page = visitor.get(addresses["Mate"]).text
            onward = re.search(r'href="([^"]+)" rel="next" data-onward', page)
        assert onward
        assert html.unescape(onward[1]) == addresses["Mi mejor triple"]
        assert addresses["Mate"].endswith("?q=jose")

    def test_orders_cities_and_the_search_keep_each_other(self, world: World) -> None:
        with browser_client(world) as visitor:
            page = html.unescape(visitor.get("/?q=tri&order=votes&city=Cali").text)
        assert '<a href="/?city=Bogot%C3%A1&q=tri&order=votes">' in page
        assert '<a href="/?city=Cali&q=tri">' in page
        assert "order=shuffle" not in page
        form = re.search(r'<form class="seek".*?</form>', page, re.DOTALL)
        assert form
        assert '<input type="hidden" name="order" value="votes">' in form[0]
        assert '<input type="hidden" name="city" value="Cali">' in form[0]
        assert 'value="tri"' in form[0]

    def test_of_a_shuffle_is_a_list_of_its_own(self, world: World) -> None:
        with browser_client(world) as visitor:
            page = visitor.get("/?order=shuffle&seed=a&q=jose").text
        assert list(found(page)) == ["Mate", "Mi mejor triple"]

    def test_words_are_text_whatever_they_say(self, world: World) -> None:
        with browser_client(world) as visitor:
            page = visitor.get('/?q="><script>').text
        assert "<script>" not in page.partition("<body")[2]


def test_searches_of_one_network_have_a_limit_of_their_own(world: World) -> None:
    with calling(world, rate_search="2/minute") as reader:
        for path in ("/?q=a", "/api/public/suggestions?q=a"):
            assert reader.get(path).status_code == 200
        for path in ("/?q=a", "/fragments/clips?q=a", "/api/public/suggestions?q=a", "/api/public/videos?q=a"):
            assert reader.get(path).status_code == 429, path
        assert reader.get("/").status_code == 200
        assert reader.get("/api/public/videos").status_code == 200
