"""The language switch of the footer: remembered, kept apart in caches, and no way to other sites."""

import html
import re

import pytest

from anb.sentences import LANGUAGE_COOKIE, catalogues
from support.browser_client import browser_client
from support.worlds import World

SWITCH = re.compile(r'<form class="languages".*?</form>', re.DOTALL)


def test_a_choice_is_remembered_and_leads_back_to_the_page(world: World) -> None:
    with browser_client(world) as visitor:
        page = visitor.get("/?order=votes&q=jos%C3%A9").text
        switch = SWITCH.search(page)
        assert switch
        assert re.findall(r'value="(\w\w)" lang="\1"', switch[0]) == list(catalogues())
        assert '<button name="language" value="es" lang="es" aria-current="true">Español</button>' in switch[0]
        back = re.search(r'name="next" value="([^"]+)"', switch[0])
        assert back
        chosen = visitor.post("/language", data={"language": "en", "next": html.unescape(back[1])})
        assert (chosen.status_code, chosen.headers["location"]) == (303, "/?order=votes&q=jos%C3%A9")
        for path in ("/", "/nowhere", "/rules"):
            page = visitor.get(path).text
            assert '<html lang="en">' in page
            assert 'value="en" lang="en" aria-current="true">English</button>' in page
        refused = visitor.get("/api/videos", headers={"Accept": "application/json"}).json()
        assert refused["detail"] == "Sign in to continue."
        visitor.post("/language", data={"language": "", "next": "/"})
        assert '<html lang="es">' in visitor.get("/").text


def test_the_cookie_is_out_of_reach_of_scripts_and_says_nothing_else(world: World) -> None:
    with browser_client(world) as visitor:
        cookie = visitor.post("/language", data={"language": "pt"}).headers["set-cookie"]
    said = {part.strip().partition("=")[0].lower() for part in cookie.split(";")}
    assert cookie.startswith(f"{LANGUAGE_COOKIE}=pt;")
    assert said == {LANGUAGE_COOKIE, "max-age", "path", "secure", "httponly", "samesite"}


@pytest.mark.parametrize(
    "place", ["//evil.example", "https://evil.example/", "/\\evil.example", "", "javascript:alert(1)", "/\r\nX: y"]
)
def test_it_leads_to_no_other_site(world: World, place: str) -> None:
    with browser_client(world) as visitor:
        assert visitor.post("/language", data={"language": "en", "next": place}).headers["location"] == "/"


def test_no_other_site_chooses(world: World) -> None:
    with browser_client(world) as visitor:
        answer = visitor.post("/language", data={"language": "en"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_word_that_is_no_language_is_not_remembered(world: World) -> None:
    with browser_client(world) as visitor:
        visitor.post("/language", data={"language": "../en"})
        assert LANGUAGE_COOKIE not in visitor.cookies


def test_caches_keep_the_languages_apart(world: World) -> None:
    with browser_client(world) as visitor:
        spanish = visitor.get("/")
        visitor.cookies.set(LANGUAGE_COOKIE, "en")
        english = visitor.get("/", headers={"If-None-Match": spanish.headers["etag"]})
    assert english.status_code == 200
    for answer in (spanish, english):
        assert answer.headers["cache-control"] == "public, max-age=5"
        assert answer.headers["vary"] == "Accept-Language, Cookie"
    assert spanish.headers["etag"] != english.headers["etag"]


def test_after_a_refused_form_it_leads_to_the_page_of_the_form(world: World) -> None:
    with browser_client(world, world.player()) as visitor:
        page = visitor.post("/videos/01a22bea-cfba-7580-915e-ddc508f4dabf/vote").text
    assert 'name="next" value="/videos/01a22bea-cfba-7580-915e-ddc508f4dabf"' in page
