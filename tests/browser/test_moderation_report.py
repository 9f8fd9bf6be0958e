"""Anybody reports a clip in a browser: with the keyboard, without a script, on a phone, in both languages."""

from collections.abc import Iterator
from typing import Literal
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import text

from support.browser import PHONE, visiting
from support.browser_client import published
from support.keyboard import tab_to, walk
from support.served import served
from support.site import Site
from support.worlds import World

pytestmark = pytest.mark.browser


@pytest.fixture
def clip(world: World) -> UUID:
    return published(world, world.player("Ximena Mosquera"), "Tapón al aro en el último segundo")


@pytest.fixture
def site(world: World, clip: UUID) -> Iterator[Site]:  # noqa: ARG001 - the world's client is not used once it is served
    with served(world) as running:
        yield running


def reported(world: World) -> list[tuple[str, str]]:
    with world.database.reading() as uow:
        return [(row.reason, row.words) for row in uow.execute(text("select reason, words from reports"))]


def test_by_keyboard_a_clip_is_reported_from_its_page(browser: Browser, site: Site, world: World, clip: UUID) -> None:
    with visiting(browser, site, reduced_motion="reduce") as visitor:
        page = visitor.page
        visitor.go(f"/videos/{clip}")
        tab_to(visitor, page.get_by_role("link", name="Denunciar"))
        page.keyboard.press("Enter")
        page.wait_for_url("**/report")
        tab_to(visitor, page.get_by_label("¿Qué pasa con este clip?"))
        page.keyboard.type("No es balonc")  # as far as one types, the list follows
        page.keyboard.press("Tab")
        page.keyboard.type("Es fútbol.")
        tab_to(visitor, page.get_by_role("button", name="Enviar denuncia"))
        page.keyboard.press("Enter")
        thanks = page.get_by_text("Gracias: los organizadores lo revisarán.")
        expect(thanks).to_be_visible()
        assert visitor.barriers() == []
        # nginx, which sends the clip's pictures, is not there
        assert [one for one in visitor.complaints if "404" not in one] == []
    assert reported(world) == [("no-basketball", "Es fútbol.")]


def test_a_report_without_a_reason_is_asked_for_one_and_keeps_its_words(
    browser: Browser, site: Site, world: World, clip: UUID
) -> None:
    with visiting(browser, site, java_script_enabled=False) as visitor:
        visitor.go(f"/videos/{clip}/report")
        page = visitor.page
        page.evaluate("document.querySelector('main form').noValidate = true")
        page.get_by_label("¿Algo más?").fill("Es fútbol.")
        page.get_by_role("button", name="Enviar denuncia").click()
        expect(page.get_by_role("alert")).to_contain_text("Elige un motivo")
        expect(page.get_by_role("alert")).to_be_focused()
        assert page.get_by_label("¿Algo más?").input_value() == "Es fútbol."
    assert reported(world) == []


@pytest.mark.parametrize("language", ["es-CO", "en-GB"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_for_everybody_and_fits_a_phone(
    browser: Browser, site: Site, clip: UUID, language: str, scheme: Literal["light", "dark"]
) -> None:
    with visiting(browser, site, size=PHONE, scheme=scheme, locale=language, reduced_motion="reduce") as visitor:
        visitor.go(f"/videos/{clip}/report")
        assert visitor.page.locator("html").get_attribute("lang") == language[:2]
        assert visitor.overflow() <= 0
        assert visitor.barriers() == []
        walk(visitor)
        assert visitor.complaints == []
