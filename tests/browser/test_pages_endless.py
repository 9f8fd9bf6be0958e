"""Near its end, the list of the home page grows, and Back leads to the same place."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from support import crowd_of_clips
from support.browser import PHONE, Visitor, visiting
from support.served import served
from support.site import Site
from support.worlds import World

pytestmark = pytest.mark.browser

ROWS = 24
CLIPS = 150  # more than six pages
END = "document.querySelector('.onward').scrollIntoView({ block: 'end' })"
PLACE = """() => {
    const first = [...document.querySelectorAll(".cards > li")].find((one) => one.getBoundingClientRect().bottom > 0);
    return [first.querySelector("a").pathname, Math.round(first.getBoundingClientRect().top)];
}"""


@pytest.fixture
def site(world: World) -> Iterator[Site]:
    crowd_of_clips.fill(world, CLIPS)
    with served(world) as running:
        yield running


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Visitor]:
    with visiting(browser, site, size=PHONE, reduced_motion="reduce") as visitor:
        visitor.go("/")
        yield visitor


def players(page: Page) -> list[str]:
    return page.locator(".card .who").all_inner_texts()


def grow(page: Page, pages: int, since: int = 1) -> None:
    """Scroll to the end until some pages are shown."""
    for shown in range(since + 1, pages + 1):
        page.evaluate(END)
        expect(page.locator(".card")).to_have_count(shown * ROWS)


def test_it_grows_by_three_pages_and_then_by_the_link(visitor: Visitor) -> None:
    page = visitor.page
    expect(page.locator(".card")).to_have_count(ROWS)
    grow(page, 4)
    expect(page.locator("[data-more]")).to_have_text(f"Más clips en la lista: {ROWS}.")
    page.evaluate(END)
    page.wait_for_load_state("networkidle")
    assert page.locator(".card").count() == 4 * ROWS  # the footer can be reached
    assert visitor.barriers() == []
    page.get_by_role("link", name="Ver más clips").press("Enter")
    expect(page.locator(".card").nth(4 * ROWS).get_by_role("link")).to_be_focused()
    grow(page, 6, since=5)
    page.evaluate(END)
    expect(page.locator(".card")).to_have_count(CLIPS)
    expect(page.get_by_role("link", name="Ver más clips")).to_have_count(0)
    assert len(set(players(page))) == CLIPS
    assert page.url == f"{visitor.site.url}/"
    assert [said for said in visitor.complaints if "404" not in said] == []  # the posters have no files


@pytest.mark.parametrize("way", ["back", "reload"])
def test_back_and_a_reload_lead_to_the_same_place(visitor: Visitor, way: str) -> None:
    page = visitor.page
    grow(page, 4)
    page.locator(".card").nth(70).scroll_into_view_if_needed()
    card = page.locator(".card").nth(70).get_by_role("link")
    if way == "back":
        card.click()
        expect(page.locator("[data-watch]")).to_be_visible()
        page.go_back()
    else:
        before = page.evaluate(PLACE)
        page.wait_for_function("([clip]) => history.state?.list?.place?.clip === clip", arg=before)
        page.reload()
    expect(page.locator(".card")).to_have_count(4 * ROWS)
    expect(card).to_be_in_viewport()
    if way == "reload":
        page.wait_for_function(f"(before) => Math.abs(({PLACE})()[1] - before[1]) < 3", arg=before)
        assert page.evaluate(PLACE)[0] == before[0]


def test_without_a_signal_the_link_is_still_there(visitor: Visitor) -> None:
    page, cut = visitor.page, [True]

    def fail(route: Route) -> None:
        if cut:
            route.abort()
        else:
            route.continue_()

    page.route("**/?cursor=*", fail)
    page.evaluate(END)
    more = page.get_by_role("link", name="Ver más clips")
    expect(more).to_be_in_viewport()
    page.wait_for_load_state("networkidle")
    assert page.locator(".card").count() == ROWS
    cut.clear()
    more.click()
    expect(page.locator(".card")).to_have_count(2 * ROWS)


def test_a_saver_of_data_and_a_visitor_without_a_script_ask_for_each_page(browser: Browser, site: Site) -> None:
    with visiting(browser, site, size=PHONE) as saver:
        saver.page.add_init_script("Object.defineProperty(navigator, 'connection', { value: { saveData: true } })")
        saver.go("/")
        saver.page.evaluate(END)
        saver.page.wait_for_load_state("networkidle")
        assert saver.page.locator(".card").count() == ROWS
        saver.page.get_by_role("link", name="Ver más clips").click()
        expect(saver.page.locator(".card")).to_have_count(2 * ROWS)
    with visiting(browser, site, size=PHONE, java_script_enabled=False) as plain:
        plain.go("/")
        first = players(plain.page)
        plain.page.get_by_role("link", name="Ver más clips").click()
        expect(plain.page.get_by_role("link", name="Volver al principio")).to_be_visible()
        assert len(set(first + players(plain.page))) == 2 * ROWS


def test_the_keyboard_walks_through_it_to_the_footer(visitor: Visitor) -> None:
    rules = visitor.page.get_by_role("link", name="Reglas")
    for _ in range(5 * ROWS):
        visitor.page.keyboard.press("Tab")
        if rules.evaluate("(one) => one === document.activeElement"):
            break
    expect(rules).to_be_focused()
    assert visitor.page.locator(".card").count() == 4 * ROWS
