"""An organizer empties the queue in a browser: by keyboard alone, and without JavaScript; on a phone."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from anb.accounts.domain import Role
from anb.videos.verdict import ClipState
from support.browser import PHONE, Visitor, visiting
from support.keyboard import walk
from support.moderating import clip_in, state_of
from support.served import served
from support.site import Site
from support.worlds import World

pytestmark = pytest.mark.browser
HERE = "/organizer/moderation"


@pytest.fixture
def queue(world: World) -> list[UUID]:
    """Four clips that wait."""
    world.season(moderated=True)
    owner, organizer = world.player(), world.organizer()
    return [clip_in(world, owner, organizer, ClipState.WAITING) for _ in range(4)]


@pytest.fixture
def secret(world: World, queue: list[UUID]) -> str:  # noqa: ARG001 - the world's client is not used once it is served
    """The session of an organizer."""
    return world.open(world.promoted(world.player("Otra Organiza"), Role.ORGANIZER).id).secret


@pytest.fixture
def site(world: World, secret: str) -> Iterator[Site]:  # noqa: ARG001 - as above
    with served(world) as running:
        yield running


def enter(visitor: Visitor, secret: str) -> None:
    visitor.enter(secret)
    visitor.go(HERE)


def test_by_keyboard_the_queue_is_emptied(
    browser: Browser, world: World, site: Site, secret: str, queue: list[UUID]
) -> None:
    with visiting(browser, site, reduced_motion="reduce") as visitor:
        enter(visitor, secret)
        keyboard, clips = visitor.page.keyboard, visitor.page.locator("[data-clip]")
        expect(clips.first).to_be_focused()
        keyboard.press("j")
        expect(clips.nth(1)).to_be_focused()
        keyboard.press("k")
        keyboard.press("r")  # the other acts: choose a reason, then the first button of the form
        expect(clips.first.locator("details select")).to_be_focused()
        keyboard.type("Es una")
        keyboard.press("Tab")
        keyboard.type("Ya la vimos en otra parte")
        for _ in range(2):  # past the confirmation of a take-down
            keyboard.press("Tab")
        keyboard.press("Enter")
        for left in (3, 2, 1):
            expect(clips).to_have_count(left)
            expect(clips.first).to_be_focused()
            keyboard.press("a")
        expect(visitor.page.locator("main")).to_contain_text("No hay clips en esta lista.")
        assert visitor.complaints == []
    assert [state_of(world, clip) for clip in queue] == [ClipState.REFUSED, *[ClipState.PUBLIC] * 3]


def test_without_a_script_many_are_decided_at_once(
    browser: Browser, world: World, site: Site, secret: str, queue: list[UUID]
) -> None:
    with visiting(browser, site, java_script_enabled=False, size=PHONE) as visitor:
        enter(visitor, secret)
        for n in range(3):
            visitor.page.locator("[data-clip]").nth(n).get_by_role("checkbox").last.check()
        visitor.page.locator("#many").get_by_role("button", name="Aprobar").click()
        expect(visitor.page.locator("main")).to_contain_text("Listo: 3 clips.")
    assert [state_of(world, clip) for clip in queue] == [*[ClipState.PUBLIC] * 3, ClipState.WAITING]


@pytest.mark.parametrize("language", ["es-CO", "en-GB"])
def test_the_pages_are_for_everybody_and_fit_a_phone(
    browser: Browser, site: Site, secret: str, queue: list[UUID], language: str
) -> None:
    with visiting(browser, site, size=PHONE, locale=language, reduced_motion="reduce") as visitor:
        enter(visitor, secret)
        for path in (HERE, "/organizer", f"{HERE}?state=taken-down", f"{HERE}/clips/{queue[0]}"):
            visitor.go(path)
            for closed in visitor.page.locator("main details").all():
                closed.locator("summary").click()
            assert visitor.overflow() <= 0, path
            assert visitor.barriers() == [], path
        visitor.go(HERE)
        walk(visitor)
        assert visitor.complaints == []
