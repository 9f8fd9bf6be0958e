"""The search of the home page: suggestions by keyboard and by hand, few requests, and no need of a script."""

import pytest
from playwright.sync_api import Browser, Request, expect

from support.browser import LAPTOP, PHONE, visiting
from support.keyboard import walk
from support.site import Site

pytestmark = pytest.mark.browser

TITLE = "Asistencia sin mirar"  # of the published clip
ASKED = "/api/public/suggestions?"


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_suggestion_is_chosen_with_arrows_and_enter(browser: Browser, site: Site, size: dict[str, int]) -> None:
    with visiting(browser, site, size=size, reduced_motion="reduce") as visitor:
        page, asked = visitor.page, list[str]()

        def hear(request: Request) -> None:
            if ASKED in request.url:
                asked.append(request.url)

        page.on("request", hear)
        visitor.go("/")
        field = page.get_by_role("combobox", name="Busca por nombre o título")
        expect(field).to_have_attribute("aria-expanded", "false")
        field.focus()
        page.keyboard.type("ásis", delay=20)
        option = page.get_by_role("option", name=TITLE)
        expect(option).to_be_visible()
        assert len(asked) == 1
        expect(field).to_have_attribute("aria-expanded", "true")
        expect(page.locator(".seek [role=status]")).to_have_text("Sugerencias: 1.")
        assert visitor.overflow() <= 0
        assert visitor.barriers() == []
        page.keyboard.press("Escape")
        expect(option).to_be_hidden()
        expect(field).to_have_value("ásis")
        page.keyboard.press("Backspace")
        expect(option).to_be_visible()
        page.keyboard.type("s")
        for key in ("ArrowDown", "ArrowDown", "ArrowUp"):  # to the option, behind it, and back
            page.keyboard.press(key)
        marked = page.locator("[role=option][aria-selected=true]")
        expect(marked).to_have_count(1)
        expect(field).to_have_attribute("aria-activedescendant", marked.get_attribute("id") or "")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)
        expect(page.locator(".card").filter(has_text=TITLE).first).to_be_visible()
        assert len(asked) <= 2  # what was typed before is known
        assert visitor.barriers() == []
        assert visitor.complaints == []


@pytest.mark.usefixtures("published")
def test_a_suggestion_is_chosen_by_hand(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as visitor:
        visitor.go("/")
        visitor.page.get_by_role("combobox").click()
        visitor.page.keyboard.type("asis")
        visitor.page.get_by_role("option", name=TITLE).click()
        expect(visitor.page.get_by_role("heading", level=1)).to_contain_text(TITLE)
        assert visitor.complaints == []


@pytest.mark.usefixtures("published")
def test_it_works_without_a_script(browser: Browser, site: Site) -> None:
    with visiting(browser, site, java_script_enabled=False) as visitor:
        visitor.go("/")
        visitor.page.get_by_role("searchbox", name="Busca por nombre o título").fill("asistencia")
        visitor.page.get_by_role("button", name="Buscar").click()
        expect(visitor.page.locator(".card").filter(has_text=TITLE).first).to_be_visible()
        expect(visitor.page.get_by_role("searchbox")).to_have_value("asistencia")


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("path", ["/?q=asis", "/?q=nada"], ids=["found", "nothing found"])
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_what_was_found_is_for_everybody(browser: Browser, site: Site, path: str, size: dict[str, int]) -> None:
    with visiting(browser, site, size=size, scheme="dark", reduced_motion="reduce") as visitor:
        visitor.go(path)
        assert visitor.overflow() <= 0
        assert visitor.barriers() == []
        walk(visitor)
