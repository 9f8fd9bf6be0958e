"""Uploads over bad lines: no received byte is sent again, no upload is forgotten, and the page shows its progress."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from anb.settings import MIB
from support.browser import cut, slow_down, visiting
from support.site import PATIENCE, Person, Site
from support.uploading import begin, noted, send, under_way
from support.waiting import looks, until

pytestmark = pytest.mark.browser


def arrived(page: Page) -> None:
    """Wait for the page of the clip."""
    page.wait_for_url(re.compile("/videos/"))


def test_the_bar_never_shows_more_than_the_server_has(browser: Browser, site: Site, player: Person, clip: Path) -> None:
    with visiting(browser, site, player) as visitor:
        page, seen = begin(visitor, clip), noted(visitor.page)
        slow_down(visitor.network(), seconds=10, size=4 * MIB)
        send(page)
        shown: list[float] = []
        for url in looks(lambda: page.url, PATIENCE, page=page):
            if "/videos/" in url:
                break
            bar = page.locator("[data-sending] progress")
            share = bar.evaluate("(bar) => bar.value") if bar.count() else 0.0
            if not seen.place or share >= 100:
                continue
            server = player.client.get(seen.place).json()
            if "received" in server:  # not judged at this moment
                assert share / 100 * server["bytes"] <= server["received"] + 1
                shown.append(share)
        assert len({share for share in shown if 0 < share < 100}) >= 3, shown
        assert visitor.complaints == []


@pytest.mark.slow
def test_speed_and_time_left_are_told(browser: Browser, site: Site, player: Person, clip: Path) -> None:
    with visiting(browser, site, player) as visitor:
        page = begin(visitor, clip)
        slow_down(visitor.network(), seconds=12, size=4 * MIB)
        send(page)
        amount = page.locator("[data-amount]")
        expect(amount).to_have_text(re.compile(r"^\d(,\d)? de 4 MB · \d+([.,]\d+)? kB/s · faltan unos \d+ s$"))
        assert visitor.overflow() <= 0
        assert visitor.barriers() == []
        page.get_by_role("button", name="Cancelar").click()


def fails(times: int, **answer: Any) -> Callable[[Route], None]:
    """Answer a number of requests of a kind with a failure, then let them through."""
    left = [times]

    def handle(route: Route) -> None:
        left[0] -= 1
        if left[0] >= 0:
            route.fulfill(**answer)
        else:
            route.continue_()

    return handle


@pytest.mark.parametrize(
    "status", [500, *(pytest.param(one, marks=pytest.mark.slow) for one in (502, 503, 423, 409, 460))]
)
def test_what_passes_is_waited_for(browser: Browser, site: Site, player: Person, clip: Path, status: int) -> None:
    with visiting(browser, site, player) as visitor:
        page, seen = begin(visitor, clip), noted(visitor.page)
        page.route(re.compile("/api/uploads/"), fails(3, status=status, body="<h1>Proxy</h1>"))
        send(page)
        arrived(page)
    assert seen.methods.count("POST") == 1


@pytest.mark.slow
def test_a_server_that_is_away_is_told(browser: Browser, site: Site, player: Person, clip: Path) -> None:
    with visiting(browser, site, player) as visitor:
        page = begin(visitor, clip)
        page.route(re.compile("/api/uploads/"), fails(4, status=503, body=""))
        send(page)
        expect(page.locator("[data-state]")).to_contain_text(
            "El servidor no responde por ahora. Lo intentamos de nuevo en"
        )
        arrived(page)


@pytest.mark.slow
def test_429_waits_as_long_as_it_is_asked_to(browser: Browser, site: Site, player: Person, clip: Path) -> None:
    said = {"status": 429, "headers": {"Retry-After": "3"}, "json": {"detail": "Vas muy rápido."}}
    with visiting(browser, site, player) as visitor:
        page, seen = begin(visitor, clip), noted(visitor.page)
        page.route(re.compile("/api/uploads$"), fails(1, **said))
        send(page)
        expect(page.locator("[data-state]")).to_have_text(
            "Vas muy rápido. Lo intentamos de nuevo en 3 s; lo que ya llegó está a salvo."
        )
        arrived(page)
    first, second = [when for method, when in seen.times if method == "POST"]
    assert second - first >= 3


def test_without_a_signal_it_waits_and_goes_on_by_itself(
    browser: Browser, site: Site, player: Person, clip: Path
) -> None:
    with visiting(browser, site, player) as visitor:
        page, seen = begin(visitor, clip), noted(visitor.page)
        network = visitor.network()
        slow_down(network, seconds=10, size=4 * MIB)
        send(page)
        under_way(page)
        cut(network)
        expect(page.locator("[data-state]")).to_have_text(re.compile("^Sin señal, seguimos en cuanto vuelva"))
        expect(page.locator("[data-amount]")).to_have_text(re.compile(r"^[\d,]+ de 4 MB$"))
        assert visitor.barriers() == []
        kept = player.client.get(seen.place).json()["received"]
        slow_down(network, seconds=1, size=4 * MIB)
        arrived(page)
    assert seen.methods.count("POST") == 1
    assert seen.methods.count("HEAD") >= 1
    assert min(offset for offset in seen.offsets_after_head) >= kept > 0


@pytest.mark.slow
def test_a_session_that_ends_keeps_the_place(browser: Browser, site: Site, player: Person, clip: Path) -> None:
    with visiting(browser, site, player) as visitor:
        page, seen = begin(visitor, clip), noted(visitor.page)
        slow_down(visitor.network(), seconds=8, size=4 * MIB)
        send(page)
        under_way(page)
        cookies = page.context.cookies()
        page.context.clear_cookies()
        expect(page.locator("[data-state]")).to_contain_text("Tu sesión terminó.")
        expect(page.get_by_role("link", name="Entrar", exact=True).last).to_be_visible()
        page.context.add_cookies(cookies)  # type: ignore[arg-type]  # what it gave it takes
        page.get_by_role("button", name="Ya entré, seguir").click()
        arrived(page)
    assert seen.methods.count("POST") == 1


@pytest.mark.slow
@pytest.mark.parametrize("why", ["it is silent", "the phone slept"])
def test_a_connection_that_went_dead_is_given_up(
    browser: Browser, site: Site, player: Person, clip: Path, why: str
) -> None:
    dead: list[Request] = []

    def swallow(route: Route) -> None:
        if route.request.method == "PATCH" and not dead:
            dead.append(route.request)
        else:
            route.continue_()

    with visiting(browser, site, player) as visitor:
        page = begin(visitor, clip)
        page.clock.install()
        page.route(re.compile("/api/uploads/"), swallow)
        send(page)
        until(lambda: dead, page=page)
        if why == "it is silent":
            for _ in range(70):
                page.clock.run_for(1000)
        else:
            page.clock.fast_forward(30_000)
        for url in looks(lambda: page.url, PATIENCE, page=page):
            if "/videos/" in url:
                break
            page.clock.run_for(1000)
    assert dead
