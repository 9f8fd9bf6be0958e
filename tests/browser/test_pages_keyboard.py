"""Everything that can be done can be done from the keyboard, and the focus is always visible."""

import pytest
from playwright.sync_api import Browser, expect

from support.browser import LAPTOP, PHONE, PublishedClip, visiting
from support.keyboard import walk
from support.site import Site

pytestmark = pytest.mark.browser


@pytest.mark.daily
@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    "size", [pytest.param(PHONE, marks=pytest.mark.slow, id="phone"), pytest.param(LAPTOP, id="laptop")]
)
@pytest.mark.parametrize(
    "path", ["/", "/signup", *(pytest.param(path, marks=pytest.mark.slow) for path in ("/ranking", "/rules"))]
)
def test_the_keyboard_reaches_everything(browser: Browser, site: Site, path: str, size: dict[str, int]) -> None:
    with visiting(browser, site, size=size, reduced_motion="reduce") as visitor:
        visitor.go(path)
        walk(visitor)


def test_the_keyboard_reaches_everything_of_a_clip(browser: Browser, site: Site, published: PublishedClip) -> None:
    with visiting(browser, site, site.player("Juan"), reduced_motion="reduce") as visitor:
        visitor.go(published.page)
        walk(visitor)


def test_the_first_tab_leads_past_the_menu(browser: Browser, site: Site) -> None:
    with visiting(browser, site) as visitor:
        visitor.go("/rules")
        visitor.page.keyboard.press("Tab")
        expect(visitor.page.get_by_role("link", name="Saltar al contenido")).to_be_focused()
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.locator("main")).to_be_focused()


def test_targets_are_large_enough_for_a_thumb(browser: Browser, site: Site, published: PublishedClip) -> None:
    with visiting(browser, site, published.owner) as visitor:
        for path in ("/", "/ranking", "/me", "/upload", published.page):
            visitor.go(path)
            small = visitor.page.evaluate(
                """() => [...document.querySelectorAll("a[href], button, .button, summary, select, input")]
                .filter((one) => one.checkVisibility() && !one.matches(".skip, p a, li > a:only-child:not(.button)"))
                .filter((one) => !one.matches("input.hidden, [type=hidden]"))
                .filter((one) => !one.closest(".card"))
                .filter((one) => one.getBoundingClientRect().height < 43.5 || one.getBoundingClientRect().width < 43.5)
                .map((one) => one.outerHTML.slice(0, 90))"""
            )
            assert small == [], path
