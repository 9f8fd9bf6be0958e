"""Watching and voting from clip to clip: no page is loaded again, and the answer takes the button's place."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from support import shared
from support.browser import LAPTOP, PHONE, PublishedClip, Visitor, cut, visiting
from support.site import Site

pytestmark = pytest.mark.browser

SIDE = {"width": 740, "height": 360}
AGAIN = "Otro pase sin mirar"
SWIPE = """([from, to]) => {
    const target = document.querySelector("[data-watch] h1");
    const at = (clientX) => new Touch({ identifier: 1, target, clientX, clientY: 300 });
    const send = (kind, all) => target.dispatchEvent(new TouchEvent(kind, { bubbles: true, ...all }));
    send("touchstart", { touches: [at(from)], changedTouches: [at(from)] });
    send("touchend", { touches: [], changedTouches: [at(to)] });
}"""


@pytest.fixture
def city(site: Site, published: PublishedClip) -> str:
    """A city with two clips, of one player; the query that leads through it."""

    def make(_folder: Path) -> str:
        owner = site.sign_in(published.owner.email, published.owner.password)  # the first client has hung up
        return json.dumps(owner.published(title=AGAIN))

    shared.once("watched", make)
    return "?city=Pereira"


def is_above_the_bar(visitor: Visitor, place: str) -> bool:
    """Say whether an element is whole within the window, and the phone's bar is not over it."""
    said: bool = visitor.page.evaluate(
        """(place) => {
            const box = document.querySelector(place).getBoundingClientRect();
            const bar = document.querySelector(".menu").getBoundingClientRect();
            return box.top >= 0 && box.bottom <= (bar.top > 100 ? bar.top : innerHeight);
        }""",
        place,
    )
    return said


def title(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


@pytest.mark.parametrize("size", [PHONE, LAPTOP, SIDE], ids=["phone", "laptop", "phone-on-its-side"])
def test_one_votes_from_clip_to_clip_without_loading_a_page(
    browser: Browser, site: Site, published: PublishedClip, city: str, size: dict[str, int]
) -> None:
    with visiting(browser, site, site.player("Camila"), size=size, reduced_motion="reduce") as fan:
        page = fan.page
        fan.go(published.page + city)
        page.evaluate("window.here = true")
        assert size is SIDE or is_above_the_bar(fan, ".vote")  # a phone on its side shows the whole picture first
        for name in ("Asistencia sin mirar", AGAIN):
            title(page, name)
            page.get_by_role("button", name="Votar por este clip").click()
            expect(page.locator(".settled")).to_contain_text("¡Adentro! Va")
            expect(page.locator(".settled")).to_be_focused()
            assert is_above_the_bar(fan, ".settled")
            assert is_above_the_bar(fan, ".onto")
            assert fan.barriers() == []
            page.get_by_role("link", name="Siguiente clip").click()
        title(page, "Asistencia sin mirar")
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        page.go_back()
        title(page, AGAIN)
        assert page.evaluate("window.here")
        assert fan.overflow() == 0
        assert fan.complaints == []


def test_keys_and_swipes_lead_on_and_back(browser: Browser, site: Site, published: PublishedClip, city: str) -> None:
    with visiting(browser, site, has_touch=True) as fan:
        page = fan.page
        fan.go(published.page + city)
        page.evaluate("window.here = true")
        for forth, back in (
            (lambda: page.keyboard.press("ArrowRight"), lambda: page.keyboard.press("ArrowLeft")),
            (lambda: page.evaluate(SWIPE, [250, 90]), lambda: page.evaluate(SWIPE, [90, 250])),
        ):
            forth()
            title(page, AGAIN)
            back()
            title(page, "Asistencia sin mirar")
        page.locator("video").focus()
        page.keyboard.press("ArrowRight")  # the player's own
        page.evaluate(SWIPE, [200, 170])  # too short
        cut(fan.network())
        page.get_by_role("link", name="Siguiente clip").click()
        expect(page.get_by_text("No pudimos conectar")).to_be_visible()
        title(page, "Asistencia sin mirar")
        assert page.evaluate("window.here")
