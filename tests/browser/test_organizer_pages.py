"""The pages of the console fit a phone, have no barriers, in both languages; without a script they work too."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from anb.accounts.domain import Role
from support.browser import PHONE, Visitor, visiting
from support.browser_client import published
from support.closing import SLUG
from support.counting import seal
from support.judging import aged, cast
from support.served import served
from support.signalling import people
from support.site import Site
from support.worlds import World

pytestmark = pytest.mark.browser
SEASON = f"/organizer/seasons/{SLUG}"
PATHS = (
    "/organizer", "/organizer/seasons", "/organizer/seasons/new", SEASON,
    *(f"{SEASON}/{page}" for page in ("calendar", "rules", "close", "reopen", "results", "jury")),
    "/organizer/people", "/organizer/people/invite", "/organizer/people/{person}",
    *(f"/organizer/people/{{person}}/acts/{act}" for act in ("confirm", "birth-year")),
    *(f"/organizer/people/{{person}}/rights/{act}" for act in ("role", "erase")),
    "/organizer/fraud", "/organizer/fraud/clusters", "/organizer/fraud/clips/{clip}",
    "/organizer/fraud/decide?act=void&clip-{clip}=999", "/organizer/audit", "/organizer/jobs", "/organizer/jobs/drain",
    "/organizer/mail", "/organizer/charts", "/organizer/health", "/organizer/settings",
)  # fmt: skip


@dataclass
class Console:
    """A contest with a clip that has a doubtful vote, and the session of an administrator."""

    secret: str
    person: UUID
    clip: UUID

    def paths(self) -> list[str]:
        return [path.format(person=self.person, clip=self.clip) for path in PATHS]

    def enter(self, visitor: Visitor) -> None:
        visitor.enter(self.secret)


@pytest.fixture
def console(world: World) -> Console:
    player = world.player("Canastón" * 10 + " Ríos", "Bogotá" * 10)
    clip = published(world, player, "Un título larguísimo " * 3)
    cast(world, aged(world, people(world, 12)), [clip], device="", block="farm")
    seal(world)
    secret = world.open(world.promoted(world.player("Otra Organiza"), Role.ADMINISTRATOR).id).secret
    return Console(secret, player.id, clip)


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
        for path in console.paths():
            visitor.go(path)
            visitor.page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
            assert visitor.overflow() <= 0, path
            assert visitor.barriers() == [], path
        assert visitor.complaints == []


def test_in_the_dark_too(browser: Browser, site: Site, console: Console) -> None:
    with visiting(browser, site, size=PHONE, scheme="dark", reduced_motion="reduce") as visitor:
        console.enter(visitor)
        for path in console.paths():
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
