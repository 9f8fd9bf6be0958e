"""The API's page in a browser: it has every operation, asks no other server, and fits a phone."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from support.browser import LAPTOP, visiting
from support.site import Site

pytestmark = pytest.mark.browser

NARROW = {"width": 360, "height": 740}
# Redoc's own: headings of an operation's parts skip a level. Our headings may not.
OF_REDOC = "heading-order: ['#"
OPERATIONS = ["/api/auth/signup", "/api/videos/upload", "/api/public/videos/{video_id}/vote", "/api/public/rankings"]
# The links of our menu that another element covers, along their middle line.
COVERED = """() => [...document.querySelectorAll(".menu a")].filter(link => {
    const {left, right, top, bottom} = link.getBoundingClientRect();
    return [top + 4, (top + bottom) / 2, bottom - 4]
        .some(y => !link.contains(document.elementFromPoint((left + right) / 2, y)));
}).map(link => link.textContent.trim())"""


@pytest.mark.parametrize(
    "look",
    [
        pytest.param({"size": NARROW, "scheme": "light"}, id="phone by day"),
        pytest.param({"size": LAPTOP, "scheme": "dark"}, id="laptop-in-the-dark", marks=pytest.mark.slow),
    ],
)
@pytest.mark.slow
def test_it_shows_the_operations_and_asks_nobody_else(browser: Browser, site: Site, look: dict[str, Any]) -> None:
    with visiting(browser, site, **look) as visitor:
        asked: list[str] = []
        visitor.page.on("request", lambda request: asked.append(request.url))
        visitor.go("/api/docs")
        drawn = visitor.page.locator("[data-description]")
        for path in OPERATIONS:
            expect(drawn.get_by_text(path, exact=True).first).to_be_attached()
        expect(drawn.get_by_role("heading", name="sign up").first).to_be_visible()
        assert [url for url in asked if not url.startswith((site.url, "data:"))] == []
        assert visitor.page.evaluate(COVERED) == []
        assert visitor.complaints == []
        assert visitor.overflow() <= 0
        assert [one for one in visitor.barriers() if not one.startswith(OF_REDOC)] == []
