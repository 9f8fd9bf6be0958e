"""The page for times without a network and its worker: no account in it, another edition with each change, an end."""

import gzip

import pytest

from anb.pages.assets import VERSION
from support.browser_client import browser_client
from support.callers import calling
from support.worlds import World


@pytest.mark.parametrize(
    ("language", "title"), [("es", "Estás sin conexión"), ("en", "You are offline"), ("xx", "Est")]
)
def test_the_page_is_in_the_language_that_its_address_names(world: World, language: str, title: str) -> None:
    with browser_client(world) as visitor:
        page = visitor.get(f"/offline?language={language}").text
    assert title in page


def test_the_worker_is_never_kept_and_may_ask_only_us(world: World) -> None:
    with browser_client(world, world.player()) as visitor:
        answer = visitor.get("/sw.js?language=es")
        alike = visitor.get("/sw.js?language=es")
        english = visitor.get("/sw.js?language=en")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
    assert f'const [VERSION, EDITION] = ["{VERSION}", "' in answer.text
    assert answer.text == alike.text
    assert answer.text != english.text
    assert len(gzip.compress(answer.content)) < 1500  # bytes


def test_where_it_is_off_no_page_asks_for_it_and_its_address_ends_it(world: World) -> None:
    with calling(world, offline_page=False) as visitor:
        assert "data-worker" not in visitor.get("/", headers={"Accept": "text/html"}).text
        assert "registration.unregister()" in visitor.get("/sw.js?language=es").text
    with browser_client(world) as visitor:
        assert "data-worker" not in visitor.get("/").text
