"""The player in Chromium: poster, light edit, and a thumbnail of the place a viewer seeks to."""

import pytest
from playwright.sync_api import Browser, Page, expect

from support.browser import LAPTOP, PHONE, PublishedClip, visiting
from support.site import Site

pytestmark = pytest.mark.browser

PLAYED = """() => new Promise((done) => {
    const video = document.querySelector("video");
    video.addEventListener("timeupdate", () => video.currentTime > 0.2 && done(true));
    video.addEventListener("error", () => done(false));
    video.muted = true; video.play();
})"""


def source(page: Page) -> str:
    shown: str = page.evaluate("document.querySelector('video').currentSrc")
    return shown.rpartition("/")[2]


def test_cards_show_posters_that_come_as_one_reaches_them(
    browser: Browser, site: Site, published: PublishedClip
) -> None:
    with visiting(browser, site) as fan:
        fan.go("/")
        card = fan.page.get_by_role("listitem").filter(has=fan.page.locator(f"a[href='{published.page}']"))
        image = card.locator("img.poster")
        image.scroll_into_view_if_needed()
        others = fan.page.locator(".cards li:nth-child(n + 4) img.poster")
        assert all(each.get_attribute("loading") == "lazy" for each in others.all())
        fan.page.wait_for_function(
            "(image) => image.naturalWidth && image.currentSrc.endsWith('/poster-320')", arg=image.element_handle()
        )
        assert fan.overflow() == 0
        assert fan.complaints == []


def test_a_small_screen_gets_the_light_edit_and_a_large_one_the_whole(
    browser: Browser, site: Site, published: PublishedClip
) -> None:
    for size, name in ((PHONE, "light"), (LAPTOP, "processed")):
        with visiting(browser, site, size=size) as fan:
            fan.go(published.page)
            assert fan.page.evaluate(PLAYED)
            assert source(fan.page) == name


def test_who_saves_data_gets_the_light_edit_and_may_change_their_mind(
    browser: Browser, site: Site, published: PublishedClip
) -> None:
    with visiting(browser, site, size=LAPTOP) as fan:
        saving = "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"
        fan.page.add_init_script(saving)
        fan.go(published.page)
        button = fan.page.get_by_role("button", name="Gastar menos datos")
        expect(button).to_have_attribute("aria-pressed", "true")
        assert fan.page.evaluate(PLAYED)
        assert source(fan.page) == "light"
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
        assert source(fan.page) == "processed"
        assert fan.page.evaluate("document.querySelector('video').currentTime > 0.1 || 'it begins anew'") is True
        assert fan.barriers() == []
        assert fan.complaints == []


def test_seeking_shows_a_glimpse_at_once(browser: Browser, site: Site, published: PublishedClip) -> None:
    with visiting(browser, site, size=LAPTOP) as fan:
        fan.go(published.page)
        assert fan.page.evaluate(PLAYED)
        fan.page.wait_for_function("document.querySelector('track').track.cues?.length > 3")
        shown = fan.page.evaluate(
            """() => new Promise((done) => {
                const video = document.querySelector("video"), glimpse = document.querySelector("[data-glimpse]");
                video.pause();
                video.addEventListener("seeking", () => done([glimpse.hidden, getComputedStyle(glimpse).background]));
                video.currentTime = 3.6;
            })"""
        )
        hidden, background = shown
        assert not hidden
        assert "/sprite" in background
        assert "-320px 0px" in background  # the clip's second second: 3.6 s is 1.1 s into it
        expect(fan.page.locator("[data-glimpse]")).to_be_hidden()
        assert fan.complaints == []
