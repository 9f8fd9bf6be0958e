"""The pages of the console fit a phone, have no barriers, in both languages; without a script they work too."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from anb.accounts.domain import Role
from support.browser import PHONE, Visitor, visiting
from support.browser_client import published
from support.closing import SLUG
from support.served import served
from support.site import Site
from support.worlds import World

pytestmark = pytest.mark.browser
SEASON = f"/organizer/seasons/{SLUG}"
PATHS = (
    "/organizer", "/organizer/seasons", "/organizer/seasons/new", SEASON,
    *(f"{SEASON}/{page}" for page in ("calendar", "rules", "close", "reopen")),
)  # fmt: skip


@dataclass
class Console:
    """A contest with a clip, and the session of an administrator."""

    world: World
    secret: str

    def enter(self, visitor: Visitor) -> None:
        visitor.page.context.add_cookies([{"name": "anb", "value": self.secret, "url": visitor.site.url}])


@pytest.fixture
def console(world: World) -> Console:
    published(world, world.player("Canastón" * 10 + " Ríos", "Bogotá" * 10), "Un título larguísimo " * 3)
    return Console(world, world.open(world.promoted(world.player("Otra Organiza"), Role.ADMINISTRATOR).id).secret)


@pytest.fixture
def site(world: World, console: Console) -> Iterator[Site]:  # noqa: ARG001 - the world's client is not used once it is served
    with served(world) as running:
        yield running


@pytest.mark.parametrize("language", ["es-CO", "en-GB"])
def test_the_pages_are_for_everybody_and_fit_a_phone(
    browser: Browser, site: Site, console: Console, language: str
) -> None:
    with visiting(browser, site, size=PHONE, locale=language, reduced_motion="reduce") as visitor:
        console.enter(visitor)
        for path in PATHS:
            visitor.go(path)
            for closed in visitor.page.locator("main details:not([open])").all():
                closed.locator("summary").click()
            assert visitor.overflow() <= 0, path
            assert visitor.barriers() == [], path
        assert visitor.complaints == []


def test_in_the_dark_too(browser: Browser, site: Site, console: Console) -> None:
    with visiting(browser, site, size=PHONE, scheme="dark", reduced_motion="reduce") as visitor:
        console.enter(visitor)
        for path in PATHS:
            visitor.go(path)
            assert visitor.barriers() == [], path


def test_without_a_script_a_season_is_closed_and_reopened(browser: Browser, site: Site, console: Console) -> None:
    with visiting(browser, site, java_script_enabled=False, size=PHONE) as visitor:
        console.enter(visitor)
        visitor.go("/organizer/seasons")
        page = visitor.page
        page.get_by_role("link", name="Temporada de prueba").click()
        page.get_by_role("link", name="Cerrar antes").click()
        expect(page.locator("main")).to_contain_text("1 clip público")
        page.get_by_role("button", name="Cerrar la temporada").click()
        expect(page.locator("main")).to_contain_text("La temporada está cerrada")
        page.get_by_role("link", name="Reabrir").click()
        page.get_by_label("Motivo").fill("Fue un error")
        page.get_by_role("button", name="Reabrir la votación").click()
        expect(page.locator("main")).to_contain_text("otra vez para votos")
