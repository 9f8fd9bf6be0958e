"""A vote that needs a challenge, in a browser: its page solves it under our own policy, and the vote counts."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Request, expect

from support.browser import visiting
from support.browser_client import published
from support.served import served
from support.site import Site
from support.worlds import World

pytestmark = pytest.mark.browser

WORD = "balon-naranja-7"


@pytest.fixture
def clip(world: World) -> UUID:
    return published(world, world.player())


@pytest.fixture
def asking(world: World, clip: UUID) -> Iterator[Site]:
    """The site, which asks every voter for a challenge of the usual size."""
    del clip  # it arrived before the site is served
    world.player("Ana Paz")
    world.change(challenge_votes="always")
    with served(world) as site:
        yield site


def test_the_page_solves_the_challenge_and_the_vote_counts(browser: Browser, asking: Site, clip: UUID) -> None:
    sent: list[str] = []

    def remember(request: Request) -> None:
        sent.append(f"{request.method} {request.url.rpartition('/')[2]}")

    with visiting(browser, asking, asking.sign_in("ana.paz.bogot@example.com", WORD)) as visitor:
        visitor.page.on("request", remember)
        visitor.go(f"/videos/{clip}")
        assert "GET altcha.js" not in sent
        visitor.complaints.clear()  # the world's clips cannot be played
        visitor.page.get_by_role("button", name="Votar por este clip").click()
        expect(visitor.page.locator(".settled")).to_be_visible()
        loaded = {"GET challenge.js", "GET altcha.js"}
        assert [one for one in sent if one == "POST vote" or one in loaded] == [
            "POST vote",
            "GET challenge.js",
            "GET altcha.js",
            "POST vote",
        ]
        # The browser notes the first answer, and what this site has not got: films and live counts.
        assert [one for one in visitor.complaints if "Failed to load resource" not in one] == []
        assert visitor.barriers() == []


def test_a_browser_that_cannot_solve_it_is_told_so_and_may_try_again(
    browser: Browser, asking: Site, clip: UUID
) -> None:
    with visiting(browser, asking, asking.sign_in("ana.paz.bogot@example.com", WORD)) as visitor:
        visitor.page.route("**/altcha.js", lambda route: route.abort())
        visitor.go(f"/videos/{clip}")
        visitor.page.get_by_role("button", name="Votar por este clip").click()
        expect(visitor.page.locator(".ballot .notice")).to_contain_text("hay que resolver un reto")
        assert visitor.overflow() <= 0
        assert visitor.barriers() == []
        expect(visitor.page.get_by_role("button", name="Votar por este clip")).to_be_enabled()
