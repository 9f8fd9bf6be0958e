"""Everything that can be done can be done from the keyboard, and the focus is always visible."""

import pytest
from playwright.sync_api import Browser, expect

from support.browser import LAPTOP, PHONE, PublishedClip, Visitor, visiting
from support.site import Site

pytestmark = pytest.mark.browser

REACHABLE = "a[href], button, input:not([type=hidden]), select, summary, video[controls]"
# Where the focus is: on which reachable element, how it is marked, and whether another element covers it.
HERE = """(reachable) => {
    const at = document.activeElement;
    const box = at.getBoundingClientRect();
    const ring = getComputedStyle(at.closest(".card") ?? at);
    const x = Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1);
    const top = document.elementFromPoint(x, Math.min(Math.max(box.y + box.height / 2, 0), innerHeight - 1));
    return {
        index: [...document.querySelectorAll(reachable)].indexOf(at),
        name: at.outerHTML.slice(0, 80),
        ringed: at.tagName === "VIDEO" || (ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 2),
        open: at.contains(top) || Boolean(top?.contains(at)) || Boolean(top?.closest(".card")?.contains(at)),
    };
}"""


def walk(visitor: Visitor) -> None:
    """Press Tab from top to bottom; each reachable element gets the focus, ringed and not covered."""
    page = visitor.page
    count = page.locator(REACHABLE).locator("visible=true").count()
    reached = set()
    for _ in range(count + 12):  # a player contains controls of its own
        page.keyboard.press("Tab")
        here = page.evaluate(HERE, REACHABLE)
        if here["index"] < 0:
            continue
        assert here["ringed"], f"no ring around {here['name']}"
        assert here["open"], f"something lies over {here['name']}"
        reached.add(here["index"])
    assert len(reached) >= count


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
                """() => [...document.querySelectorAll("a[href], button, summary, select, input:not([type=hidden])")]
                .filter((one) => one.checkVisibility() && !one.matches(".skip, p a, li > a:only-child:not(.button)"))
                .filter((one) => !one.closest(".card"))
                .filter((one) => one.getBoundingClientRect().height < 43.5 || one.getBoundingClientRect().width < 43.5)
                .map((one) => one.outerHTML.slice(0, 90))"""
            )
            assert small == [], path
