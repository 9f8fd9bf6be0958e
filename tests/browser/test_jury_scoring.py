"""A juror scores in a browser: with digits and Enter, with Tab alone, with a thumb; on a phone, in both languages."""

from collections.abc import Iterator
from typing import Literal
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from anb.contest.jury_rules import Criterion, JuryRules
from support.browser import LAPTOP, PHONE, Visitor, visiting
from support.jury import SeatedJuror, clips_for, judged, seated
from support.keyboard import tab_to
from support.served import served
from support.site import Site
from support.worlds import World

pytestmark = pytest.mark.browser
# Words as long as organizers write them: they must break on a phone.
LONG = "Técnica individual con y sin el balón, y toma de decisiones bajo presión"
RULES = JuryRules((Criterion("technique", 3, LONG, "Technique"), Criterion("defence", 1, "Defensa", "Defence")))

SMALL = """(all) => all.map((one) => one.getBoundingClientRect())
    .filter(({ height, width }) => Math.min(height, width) < 43.5).length"""


@pytest.fixture
def juror(world: World) -> SeatedJuror:
    judged(world, RULES)
    return seated(world)


@pytest.fixture
def clips(world: World, juror: SeatedJuror) -> list[UUID]:  # noqa: ARG001 - the season of the jury comes first
    return clips_for(world, 3)


@pytest.fixture
def secret(world: World, juror: SeatedJuror, clips: list[UUID]) -> str:  # noqa: ARG001 - the world's client is used first
    """The session of the juror."""
    return world.open(juror.player.id).secret


@pytest.fixture
def site(world: World, secret: str) -> Iterator[Site]:  # noqa: ARG001 - the world's client is not used once it is served
    with served(world) as running:
        yield running


def enter(visitor: Visitor, secret: str, path: str = "/jury") -> None:
    visitor.enter(secret)
    visitor.go(path)


def scored(visitor: Visitor, count: int) -> None:
    """Wait until the queue says how many clips are scored."""
    expect(visitor.page.locator("main")).to_contain_text(f"{count} de 3 clips calificados")


def marked(visitor: Visitor, name: str) -> str:
    """Return the mark that is chosen for a criterion."""
    value: str = visitor.page.locator(f'input[name="mark-{name}"]:checked').input_value()
    return value


def test_digits_and_enter_score_clip_after_clip(browser: Browser, site: Site, secret: str, world: World) -> None:
    with visiting(browser, site, size=LAPTOP, reduced_motion="reduce") as visitor:
        enter(visitor, secret)
        keyboard = visitor.page.keyboard
        expect(visitor.page.get_by_text("Con el teclado")).to_be_visible()
        for count, (technique, defence) in enumerate((("7", "0"), ("1", "5"))):
            scored(visitor, count)
            keyboard.press(technique)
            keyboard.press(defence)
            assert marked(visitor, "technique") == technique
            assert marked(visitor, "defence") == (defence if defence != "0" else "10")
            keyboard.press("Enter")
            expect(visitor.page.get_by_role("status")).to_contain_text("Puntaje guardado.")
        scored(visitor, 2)
        keyboard.press("3")
        keyboard.press("Enter")  # a mark is missing: nothing is sent
        expect(visitor.page.locator('input[name="mark-defence"]').first).to_be_focused()
        keyboard.press("4")
        keyboard.press("Enter")
        expect(visitor.page.locator("main")).to_contain_text("Calificaste todos los clips")
        assert visitor.complaints == []
    assert saved(world) == [(1, 5), (3, 4), (7, 10)]


def test_digits_in_the_note_are_a_note(browser: Browser, site: Site, secret: str) -> None:
    with visiting(browser, site, reduced_motion="reduce") as visitor:
        enter(visitor, secret)
        visitor.page.get_by_label("Nota").fill("")
        visitor.page.keyboard.type("Triple del minuto 3")
        visitor.page.keyboard.press("Enter")
        visitor.page.keyboard.type("y 9 asistencias")
        assert visitor.page.get_by_label("Nota").input_value() == "Triple del minuto 3\ny 9 asistencias"
        assert visitor.page.locator("input:checked").count() == 0
        scored(visitor, 0)


def test_keys_of_the_player_and_of_links_stay_theirs(browser: Browser, site: Site, secret: str) -> None:
    with visiting(browser, site, reduced_motion="reduce") as visitor:
        enter(visitor, secret)
        visitor.page.keyboard.press("8")
        visitor.page.keyboard.press("8")
        visitor.page.locator("video").focus()
        visitor.page.keyboard.press("Enter")
        tab_to(visitor, visitor.page.get_by_role("link", name="Dejar para después"))
        visitor.page.keyboard.press("Enter")
        visitor.page.wait_for_url("**/jury?after=**")
        scored(visitor, 0)


def test_by_tab_alone_a_score_is_saved_and_undone(browser: Browser, site: Site, secret: str) -> None:
    with visiting(browser, site, reduced_motion="reduce") as visitor:
        enter(visitor, secret)
        for name in ("technique", "defence"):
            tab_to(visitor, visitor.page.locator(f'input[name="mark-{name}"]').first)
            visitor.page.keyboard.press("Space")
            visitor.page.keyboard.press("ArrowRight")
            assert marked(visitor, name) == "2"
            expect(visitor.page.locator("label:has(:focus-visible)")).to_have_css("outline-style", "solid")
        tab_to(visitor, visitor.page.get_by_role("button", name="Guardar y seguir"))
        visitor.page.keyboard.press("Enter")
        scored(visitor, 1)
        tab_to(visitor, visitor.page.get_by_role("button", name="Deshacer"))
        visitor.page.keyboard.press("Enter")
        scored(visitor, 0)
        assert visitor.page.locator("input:checked").count() == 0
        assert visitor.complaints == []


@pytest.mark.parametrize("language", ["es-CO", "en-GB"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_for_everybody_and_fit_a_phone(
    browser: Browser,
    site: Site,
    secret: str,
    juror: SeatedJuror,
    clips: list[UUID],
    language: str,
    scheme: Literal["light", "dark"],
) -> None:
    juror.give(clips[0])
    with visiting(browser, site, size=PHONE, scheme=scheme, locale=language, reduced_motion="reduce") as visitor:
        enter(visitor, secret, "/jury/scores")
        again = visitor.page.locator("main .entries a").first.get_attribute("href")
        for path in ("/jury/scores", "/jury", again):
            visitor.go(str(path))
            assert visitor.overflow() <= 0, path
            assert visitor.barriers() == [], path
            assert visitor.page.locator("html").get_attribute("lang") == language[:2]
            assert visitor.page.locator(".scale label").evaluate_all(SMALL) == 0, path
        juror.give(clips[1])
        juror.give(clips[2])
        visitor.go("/jury")
        assert visitor.barriers() == []
        assert visitor.complaints == []


def saved(world: World) -> list[tuple[int, int]]:
    """Return the marks of every score, without the world's client, which must not be used while it is served."""
    with world.database.reading() as uow:
        found = uow.execute(text("select marks from jury_scores")).scalars()
        return sorted((marks["technique"], marks["defence"]) for marks in found)


@pytest.mark.parametrize("path", ["/jury", "/jury/scores"])
def test_large_text_fits_a_phone(
    browser: Browser, site: Site, secret: str, juror: SeatedJuror, clips: list[UUID], path: str
) -> None:
    juror.give(clips[0])
    with visiting(browser, site, size=PHONE, reduced_motion="reduce") as visitor:
        visitor.network().send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
        enter(visitor, secret, path)
        assert visitor.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        assert visitor.overflow() <= 0
        beyond = visitor.page.evaluate(
            """() => [...document.querySelectorAll("main *")].filter((one) => one.checkVisibility())
            .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            .map((one) => one.outerHTML.slice(0, 90))"""
        )
        assert beyond == []
