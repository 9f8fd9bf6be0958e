"""A language chosen in the footer holds at once and after, with a script and without."""

import pytest
from playwright.sync_api import Browser, expect

from support.browser import PublishedClip, visiting
from support.site import Site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_a_choice_holds_at_once_and_after(browser: Browser, site: Site, published: PublishedClip, script: bool) -> None:
    with visiting(browser, site, java_script_enabled=script) as visitor:
        page = visitor.page
        for path in ("/?order=votes", published.page, "/rules"):
            visitor.go(path)
            address = page.url
            for name, language in (("English", "en"), ("Português", "pt"), ("Español", "es")):
                page.get_by_role("button", name=name).click()
                expect(page.locator("html")).to_have_attribute("lang", language)
                expect(page.get_by_role("button", name=name)).to_have_attribute("aria-current", "true")
                assert page.url == address
        assert visitor.complaints == []


def test_a_choice_on_the_next_clip_leads_back_to_it(browser: Browser, site: Site, published: PublishedClip) -> None:
    other = site.player("Otra").published(title="Otro clip")
    with visiting(browser, site) as visitor:
        visitor.go(published.page)
        visitor.page.keyboard.press("ArrowRight")
        expect(visitor.page).not_to_have_url(site.url + published.page)
        address = visitor.page.url
        visitor.page.get_by_role("button", name="English").click()
        expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
        assert visitor.page.url == address
        assert other
