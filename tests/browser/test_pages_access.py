"""Every page is accessible: no finding of axe-core, no sideways scrolling, no complaint of policy or console."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from support.browser import LAPTOP, PHONE, PublishedClip, Visitor, visiting
from support.site import Person, Site, short_clip

pytestmark = pytest.mark.browser

OPEN = [
    "/",
    "/?city=Pereira",
    "/?city=Nowhere",
    "/ranking",
    "/results",
    "/rules",
    "/offline",
    "/signup",
    "/login",
    "/forgot",
    "/privacy",
]
OWN = [
    "/me",
    "/upload",
    "/account",
    "/account/password",
    "/account/email",
    "/account/devices",
    "/account/votes",
    "/account/export",
    "/account/erase",
]
DAILY = {"/", "/signup", "/upload"}  # the slow gate opens the others


def marked(paths: list[str]) -> list[object]:
    """Leave to the slow gate what is not tested daily."""
    return [pytest.param(path, marks=() if path in DAILY else pytest.mark.slow) for path in paths]


@pytest.fixture(
    params=[
        pytest.param({"size": PHONE, "scheme": "light"}, id="phone by day"),
        pytest.param({"size": LAPTOP, "scheme": "dark"}, id="laptop-in-the-dark", marks=pytest.mark.slow),
    ]
)
def look(request: pytest.FixtureRequest) -> dict[str, Any]:
    """How a window is opened: each size and each colour scheme once."""
    return {**request.param, "reduced_motion": "reduce"}


def look_at(visitor: Visitor) -> None:
    """Check the open page."""
    assert visitor.overflow() <= 0, f"{visitor.page.url} is too wide for {visitor.page.viewport_size}"
    assert visitor.barriers() == [], visitor.page.url


@pytest.mark.daily
@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("path", marked(OPEN))
def test_an_open_page_is_for_everybody(browser: Browser, site: Site, path: str, look: dict[str, Any]) -> None:
    with visiting(browser, site, **look) as visitor:
        visitor.go(path)
        look_at(visitor)
        assert visitor.complaints == []


@pytest.mark.usefixtures("published")
def test_pages_speak_english_and_still_fit(browser: Browser, site: Site) -> None:
    with visiting(browser, site, locale="en-GB") as visitor:
        for path in OPEN:
            visitor.go(path)
            assert visitor.page.locator("html").get_attribute("lang") == "en"
            assert visitor.overflow() <= 0, path
        assert visitor.complaints == []


@pytest.mark.parametrize("path", marked(OWN))
def test_a_page_of_ones_own_is_for_everybody(
    browser: Browser, site: Site, published: PublishedClip, path: str, look: dict[str, Any]
) -> None:
    with visiting(browser, site, published.owner, **look) as visitor:
        visitor.go(path)
        look_at(visitor)
        assert visitor.complaints == []


@pytest.mark.daily
@pytest.mark.parametrize("who", ["nobody", *(pytest.param(who, marks=pytest.mark.slow) for who in ("owner", "fan"))])
def test_a_clip_is_for_everybody(
    browser: Browser, site: Site, published: PublishedClip, who: str, look: dict[str, Any]
) -> None:
    person: Person | None = {"nobody": None, "owner": published.owner, "fan": None}[who]
    with visiting(browser, site, site.player("Sofía") if who == "fan" else person, **look) as visitor:
        visitor.go(published.page)
        look_at(visitor)
        assert visitor.complaints == []


@pytest.mark.parametrize("who", ["nobody", "fan"])
def test_reporting_a_clip_is_for_everybody(
    browser: Browser, site: Site, published: PublishedClip, who: str, look: dict[str, Any]
) -> None:
    with visiting(browser, site, site.player("Sofía") if who == "fan" else None, **look) as visitor:
        visitor.go(f"{published.page}/report")
        look_at(visitor)
        assert visitor.complaints == []


def test_a_clip_in_the_making_is_for_everybody(browser: Browser, site: Site, look: dict[str, Any]) -> None:
    player = site.player("Kevin", "Medellín")
    with visiting(browser, site, player, **look) as visitor:
        visitor.page.route("**/api/jobs/*", lambda _: None)  # the page stays as it was received
        visitor.go(f"/videos/{player.upload(short_clip(), 'Tapón')['video_id']}")
        assert visitor.page.locator(".play li").count() == 4
        look_at(visitor)
        assert visitor.complaints == []


def test_mistakes_in_a_form_are_for_everybody(browser: Browser, site: Site, look: dict[str, Any]) -> None:
    with visiting(browser, site, **look) as visitor:
        visitor.go("/signup")
        visitor.page.evaluate("document.querySelector('main form').noValidate = true")
        visitor.page.get_by_label("Nombre").fill("Óscar")
        visitor.page.get_by_role("button", name="Crear cuenta").click()
        visitor.page.get_by_text("Revisa lo que está marcado.").wait_for()
        assert visitor.page.get_by_label("Nombre").input_value() == "Óscar"
        email = visitor.page.get_by_label("Correo electrónico")
        said = visitor.page.locator(f"#{str(email.get_attribute('aria-describedby')).split()[-1]}")
        assert said.inner_text() == "Escríbelo para seguir."
        look_at(visitor)
        assert [one for one in visitor.complaints if "400" not in one] == []


def test_a_page_that_does_not_exist_is_still_a_page(browser: Browser, site: Site, look: dict[str, Any]) -> None:
    with visiting(browser, site, **look) as visitor:
        visitor.go("/no/such/page")
        assert visitor.page.get_by_role("heading", level=1).inner_text() == "AIRBALL"
        look_at(visitor)
        assert [one for one in visitor.complaints if "404" not in one] == []
