"""Pages that were empty, and a player's list of clips, follow what happens without being loaded again."""

import re

import pytest
from playwright.sync_api import Browser, Response, Route, expect

from support.browser import visiting
from support.site import Person, Site, in_the_middle

pytestmark = pytest.mark.browser

AT_ONCE = "Math.random = () => 0; window.here = true"  # a page spreads its requests; and is not loaded again
CITY = "puerto-nari%C3%B1o"


@pytest.mark.usefixtures("published")
def test_the_first_clip_of_a_city_appears_on_open_pages(browser: Browser, site: Site) -> None:
    owner, fan = site.player("Nereida", "Puerto-Nariño"), site.player("Teo")
    with visiting(browser, site) as home, visiting(browser, site) as ranking, visiting(browser, site, owner) as mine:
        made = in_the_middle(site, owner)
        for visitor, path in ((home, f"/?city={CITY}"), (ranking, f"/ranking?city={CITY}"), (mine, "/me")):
            visitor.page.add_init_script(AT_ONCE)
            visitor.go(path)
        assert home.page.locator(".cards, .counted:not([hidden])").count() == 0
        assert ranking.page.locator(".podium, .counted:not([hidden])").count() == 0
        expect(mine.page.locator(".own .state")).to_have_text("En edición")
        card = home.page.locator(f'.cards a[href^="/videos/{made["video_id"]}"]')
        expect(card).to_be_visible(timeout=90_000)
        expect(ranking.page.locator(".podium .step-1 h2")).to_have_text(re.compile("Nereida"))
        expect(mine.page.locator(".own .state")).to_contain_text("Publicado")
        expect(mine.page.locator(".own img.poster")).to_be_visible()
        assert fan.client.post(f"/api/public/videos/{made['video_id']}/vote").status_code == 200
        expect(home.page.locator(".cards b[data-votes]")).to_have_attribute("data-votes", "1")
        for visitor in (home, ranking):
            expect(visitor.page.get_by_role("button", name="Pausar el conteo")).to_be_visible()
        for visitor in (home, ranking, mine):
            assert visitor.page.evaluate("window.here")
            assert visitor.barriers() == []
            assert visitor.complaints == []


@pytest.mark.slow
def test_a_row_that_a_player_uses_is_renewed_once_they_leave_it(browser: Browser, site: Site, player: Person) -> None:
    made, failures = in_the_middle(site, player), [503]

    def fail_once(route: Route) -> None:
        if failures and route.request.resource_type == "fetch":
            route.fulfill(status=failures.pop(), body="")
        else:
            route.continue_()

    def is_known(answer: Response) -> bool:
        return answer.request.resource_type == "fetch" and answer.url.endswith("/me") and answer.ok

    with visiting(browser, site, player) as visitor:
        page = visitor.page
        page.route("**/me", fail_once)
        visitor.go("/me")
        expect(page.locator(".own .state")).to_have_text("En edición")
        delete = page.locator(".own summary")
        delete.focus()
        with page.expect_response(is_known, timeout=90_000):
            player.wait(made["task_id"], "done")
        assert failures == []
        expect(delete).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.locator(".own .state")).to_contain_text("Publicado")
        expect(delete).to_have_count(0)
