"""What search engines, feed readers and home screens get: robots, sitemap, canonical addresses, RSS, icons."""

import re
import struct
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import pytest

from anb.contest import seasons
from anb.pages import crawling
from support.browser_client import browser_client, published
from support.callers import calling
from support.closing import SLUG, settled
from support.worlds import OPERATOR, World

SITE = "https://testserver"
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


def parse(world: World, path: str) -> ET.Element:
    with browser_client(world) as reader:
        answer = reader.get(path)
    assert answer.status_code == 200
    assert re.fullmatch(r"application/(rss\+)?xml", answer.headers["content-type"])
    assert answer.headers["cache-control"].startswith("public, max-age=")
    return ET.fromstring(answer.content)  # noqa: S314 - our own answer


def test_robots_leads_to_the_sitemap_and_away_from_accounts(world: World) -> None:
    with browser_client(world) as reader:
        said = reader.get("/robots.txt").text.splitlines()
    assert f"Sitemap: {SITE}/sitemap.xml" in said
    assert said[0] == "User-agent: *"
    assert {"Disallow: /account", "Disallow: /organizer", "Disallow: /fragments/"} <= set(said)
    with calling(world, public_url="https://anb.example") as reader:
        assert "Sitemap: https://anb.example/sitemap.xml" in reader.get("/robots.txt").text


class TestSitemap:
    def test_it_names_pages_that_can_be_read(self, world: World) -> None:
        clip = published(world, world.player())
        settled(world)
        with world.uow() as uow:
            seasons.open_season(uow, OPERATOR, "Otra temporada")
        named = [str(each.text) for each in parse(world, "/sitemap.xml").iter(LOC)]
        assert f"{SITE}/videos/{clip}" in named
        assert f"{SITE}/ranking?season={SLUG}" in named
        with browser_client(world) as reader:
            for address in named:
                assert reader.get(address.removeprefix(SITE)).status_code == 200, address

    def test_it_names_the_newest_clips_of_all_seasons_up_to_a_limit(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        player = world.player()
        old = [published(world, player) for _ in range(2)]
        world.season()
        new = [published(world, player) for _ in range(2)]
        monkeypatch.setattr(crawling, "MOST_CLIPS", 3)
        named = [str(each.text) for each in parse(world, "/sitemap.xml").iter(LOC)]
        clips = [address.rpartition("/")[2] for address in named if "/videos/" in address]
        assert clips == [str(new[1]), str(new[0]), str(old[1])]


class TestFeeds:
    def test_of_new_clips_says_what_the_home_page_says(self, world: World) -> None:
        ana = world.player("Ana <Paz> & Cía", "Cali")
        first, second = published(world, ana, "Triple & mate"), published(world, world.player("Bea Dos"), "Gancho")
        items = parse(world, "/feeds/clips.xml").findall("channel/item")
        assert [item.findtext("link") for item in items] == [f"{SITE}/videos/{each}" for each in (second, first)]
        assert items[1].findtext("title") == "Triple & mate"
        assert "Ana <Paz> & Cía" in str(items[1].findtext("description"))
        assert parsedate_to_datetime(str(items[0].findtext("pubDate"))).tzinfo
        of_city = parse(world, "/feeds/clips.xml?city=cali").findall("channel/item")
        assert [item.findtext("title") for item in of_city] == ["Triple & mate"]

    def test_of_results_has_a_season_once_its_results_are_public(self, world: World) -> None:
        published(world, world.player())
        assert parse(world, "/feeds/results.xml").findall("channel/item") == []
        settled(world)
        (item,) = parse(world, "/feeds/results.xml").findall("channel/item")
        assert item.findtext("link") == f"{SITE}/results?season={SLUG}"
        assert item.findtext("title") == "Resultados de \u2068Temporada de prueba\u2069"
        assert item.findtext("description") == "1 jugador"


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/", "/"),
        ("/?order=votes&q=ana", "/"),
        ("/?city=Cali&order=votes", "/?city=Cali"),
        (f"/ranking?season={SLUG}", f"/ranking?season={SLUG}"),
        ("/rules", "/rules"),
    ],
)
def test_each_page_says_its_one_address(world: World, path: str, canonical: str) -> None:
    with browser_client(world) as reader:
        page = reader.get(path).text
    assert re.findall(r'<link rel="canonical" href="([^"]+)">', page) == [SITE + canonical]


def test_a_clip_says_its_one_address_once(world: World) -> None:
    clip = published(world, world.player())
    with browser_client(world) as reader:
        page = reader.get(f"/videos/{clip}?order=votes").text
    assert re.findall(r'<link rel="canonical" href="([^"]+)">', page) == [f"{SITE}/videos/{clip}"]


class TestIcons:
    def test_the_manifest_is_in_the_readers_language_and_its_icons_have_the_sizes_they_say(self, world: World) -> None:
        with browser_client(world) as browser:
            manifest = browser.get("/manifest.webmanifest").json()
            for icon in manifest["icons"]:
                drawn = browser.get(icon["src"])
                assert drawn.headers["content-type"] == "image/png"
                assert "immutable" in drawn.headers["cache-control"]
                assert "{}x{}".format(*struct.unpack(">II", drawn.content[16:24])) == icon["sizes"]
            for page in (manifest["start_url"], *(each["url"] for each in manifest["shortcuts"])):
                assert browser.get(page).status_code in {200, 303}
            english = browser.get("/manifest.webmanifest", headers={"Accept-Language": "en"}).json()
        assert manifest["display"] == "standalone"
        assert {"any", "maskable"} == {icon.get("purpose", "any") for icon in manifest["icons"]}
        assert (manifest["lang"], english["lang"]) == ("es-CO", "en")
        assert manifest["description"] != english["description"]

    @pytest.mark.parametrize(
        ("path", "kind", "begins"),
        [
            ("/favicon.ico", "image/x-icon", b"\0\0\1\0\1\0  \0\0\1\0 \0"),
            ("/apple-touch-icon.png", "image/png", b"\x89PNG\r\n"),
        ],
        ids=["favicon", "touch icon"],
    )
    def test_the_icons_are_where_browsers_look(self, world: World, path: str, kind: str, begins: bytes) -> None:
        with browser_client(world) as browser:
            answer = browser.get(path)
        assert answer.headers["content-type"] == kind
        assert answer.content.startswith(begins)
