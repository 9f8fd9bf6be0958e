"""The console's pages of final results and of the jury fit a phone and have no barriers; without a script they work."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from support.browser import PHONE, visiting
from support.closing import move, settled
from support.counting import seal
from support.jury import clips_for, judged, seated
from support.leaving import vote
from support.served import served
from support.site import Site
from support.worlds import World

pytestmark = pytest.mark.browser


@pytest.fixture
def here(world: World) -> str:
    """The address of a season that closed, with a tie, scores of its jury, and results."""
    season = judged(world)
    clips = clips_for(world, 2)
    fan, juror = world.player("Ana Paz"), seated(world)
    for clip in clips:
        assert vote(world, fan, clip) == 200
        seal(world)
        juror.give(clip)
    move(world, closed_at=0, jury_closes_at=0, results_at=0)
    settled(world, closes=False)
    return f"/organizer/seasons/{season.slug}"


@pytest.fixture
def secret(world: World) -> str:
    """The session of an organizer."""
    return world.open(world.organizer().id).secret


@pytest.fixture
def site(world: World, here: str, secret: str) -> Iterator[Site]:  # noqa: ARG001 - the world's client is not used once it is served
    with served(world) as running:
        yield running


@pytest.mark.parametrize(("scheme", "language"), [("light", "es-CO"), ("dark", "en-GB")])
def test_results_and_jury_are_for_everybody(
    browser: Browser, site: Site, here: str, secret: str, scheme: Literal["light", "dark"], language: str
) -> None:
    with visiting(browser, site, size=PHONE, scheme=scheme, locale=language) as visitor:
        visitor.enter(secret)
        for path in (f"{here}/results", f"{here}/jury"):
            visitor.go(path)
            assert visitor.overflow() <= 0, path
            assert visitor.barriers() == [], path
        assert visitor.complaints == []


def test_without_a_script_the_votes_are_counted_again(browser: Browser, site: Site, here: str, secret: str) -> None:
    with visiting(browser, site, java_script_enabled=False, size=PHONE) as visitor:
        visitor.enter(secret)
        visitor.go(here)
        visitor.page.locator("main").get_by_role("link", name="Resultados").click()
        visitor.page.get_by_role("button", name="Contar otra vez ahora").click()
        expect(visitor.page.locator("main")).to_contain_text("Todo coincide")
