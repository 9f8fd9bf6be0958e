"""One's own place in the ranking, and a clip's code for its owner, fit a phone and have no barriers."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from support.browser import PHONE, visiting
from support.browser_client import published
from support.counting import seal
from support.served import served
from support.site import Site
from support.worlds import Player, World

pytestmark = pytest.mark.browser


@pytest.fixture
def owner(world: World) -> Player:
    return world.player("Canastón" * 9 + " Ríos", "Bogotá" * 10)


@pytest.fixture
def clip(world: World, owner: Player) -> str:
    """The page of the owner's clip; another player has one too."""
    published(world, world.player("Nora Paz"))
    found = published(world, owner)
    seal(world)
    return f"/videos/{found}"


@pytest.fixture
def secret(world: World, owner: Player) -> str:
    return world.open(owner.id).secret


@pytest.fixture
def site(world: World, clip: str, secret: str) -> Iterator[Site]:  # noqa: ARG001 - the world's client is not used once it is served
    with served(world) as running:
        yield running


@pytest.mark.parametrize(("scheme", "language"), [("light", "es-CO"), ("dark", "en-GB")])
def test_it_is_for_everybody(
    browser: Browser, site: Site, clip: str, secret: str, scheme: Literal["light", "dark"], language: str
) -> None:
    with visiting(browser, site, size=PHONE, scheme=scheme, locale=language, reduced_motion="reduce") as visitor:
        visitor.enter(secret)
        visitor.go("/ranking")
        expect(visitor.page.locator(".near .own")).to_have_count(1)
        assert visitor.overflow() <= 0
        assert visitor.barriers() == []
        visitor.go(clip)
        visitor.page.locator("details.code summary").press("Enter")
        expect(visitor.page.locator(".qr svg")).to_be_visible()
        assert visitor.overflow() <= 0
        assert visitor.barriers() == []
