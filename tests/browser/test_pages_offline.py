"""Without a network a page says so, and no data of an account is there; the worker changes and ends on its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from anb.pages.assets import VERSION
from support.browser import Visitor, visiting
from support.browser_client import published
from support.served import served
from support.waiting import until
from support.worlds import Player, World

pytestmark = pytest.mark.browser

PATIENCE = 30  # seconds
READY = """() => navigator.serviceWorker.ready.then(() => new Promise((go) => {
    if (navigator.serviceWorker.controller) go();
    navigator.serviceWorker.addEventListener("controllerchange", go);
}))"""
KEPT = """async () => {
    const kept = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
    return kept.flat().map(({ url }) => url.slice(location.origin.length)).sort();
}"""


@pytest.fixture
def owner(world: World) -> Player:
    player = world.player("Valentina Ríos")
    published(world, player)
    return player


@pytest.fixture
def visitor(browser: Browser, world: World, owner: Player) -> Iterator[Visitor]:
    """A person who is signed in, in a browser whose worker is ready."""
    secret = world.open(owner.id).secret
    with (
        served(world) as site,
        visiting(browser, site, service_workers="allow", reduced_motion="reduce") as visitor,
    ):
        visitor.enter(secret)
        visitor.go("/")
        visitor.page.evaluate(READY)
        yield visitor


def test_it_keeps_one_page_and_its_files_whatever_is_opened(visitor: Visitor) -> None:
    page = visitor.page
    for path in ("/me", "/account", "/ranking"):
        visitor.go(path)
    page.evaluate("fetch('/api/videos').then((answer) => answer.text())")
    files = sorted(f"/static/{VERSION}/{name}" for name in ("site.css", "site.js", "mark.svg"))
    assert page.evaluate(KEPT) == ["/offline?language=es", *files]
    text = page.evaluate("caches.match('/offline?language=es').then((answer) => answer.text())")
    assert "Estás sin conexión" in text
    assert "Mis videos" not in text


def test_without_a_network_it_says_so_and_nothing_of_the_account_is_there(visitor: Visitor, owner: Player) -> None:
    page = visitor.page
    visitor.go("/me")
    visitor.go("/account")
    expect(page.locator("main")).to_contain_text("Valentina")
    page.get_by_role("button", name="Salir").click()
    expect(page.get_by_role("link", name="Entrar").first).to_be_visible()
    page.context.set_offline(True)
    for path in ("/me", "/account", "/ranking"):
        visitor.go(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("Estás sin conexión")
        assert owner.email not in page.content()
        assert "Valentina" not in page.content()
        assert page.url == visitor.site.url + path
    assert page.locator(".empty").evaluate("(one) => getComputedStyle(one).textAlign") == "center"  # with its style
    assert visitor.overflow() <= 0
    assert visitor.barriers() == []
    page.context.set_offline(False)
    page.get_by_role("link", name="Volver a intentar").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Estás sin conexión")


def test_it_speaks_the_language_that_was_chosen(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    until(lambda: page.evaluate("navigator.serviceWorker.controller?.scriptURL").endswith("=en"), PATIENCE)
    until(lambda: page.evaluate(KEPT)[0] == "/offline?language=en", PATIENCE)
    page.context.set_offline(True)
    visitor.go("/ranking")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are offline")


def test_an_operator_can_end_it(visitor: Visitor, world: World) -> None:
    page = visitor.page
    world.change(offline_page=False)
    visitor.go("/rules")
    page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one?.update())")
    until(lambda: page.evaluate("navigator.serviceWorker.getRegistration().then((one) => !one)"), PATIENCE)
    assert page.evaluate(KEPT) == []
    visitor.go("/rules")
    assert page.evaluate("navigator.serviceWorker.controller") is None
