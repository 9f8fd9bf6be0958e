"""Pages hold any text that people type, at any text size, on phones in landscape, and in forced colours."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from support import shared
from support.browser import LAPTOP, PHONE, PublishedClip, Visitor, visiting
from support.site import Site, short_clip

pytestmark = pytest.mark.browser

WORD = "Canastón" * 10  # 80 letters without a place to break
SIDE = {"width": 740, "height": 360}
LARGE = {"fontSizes": {"standard": 32, "fixed": 26}}  # 200 % of the browsers' default
PATHS = [
    "/",
    "/ranking",
    "/results",
    "/rules",
    "/offline",
    "/signup",
    "/login",
    "/me",
    "/account",
    "/upload",
    "/api/docs",
    "/no/such/page",
]


@pytest.fixture
def wordy(browser: Browser, site: Site) -> PublishedClip:  # noqa: ARG001 - a machine without Chromium edits no clip
    """A clip whose title, player and city are single words of 80 letters."""

    def make(_folder: Path) -> str:
        owner = site.player(WORD, WORD)
        return json.dumps({"email": owner.email, "password": owner.password, "video": owner.published(title=WORD)})

    said = json.loads(shared.once("wordy", make))
    return PublishedClip(site.sign_in(said["email"], said["password"]), said["video"])


def whole(visitor: Visitor, path: str, *, large: bool = False) -> None:
    """Open a page; no element reaches beyond its right edge, clipped or not."""
    visitor.go(path)
    size = visitor.page.evaluate("getComputedStyle(document.documentElement).fontSize")
    assert size == ("32px" if large else "16px")
    beyond = visitor.page.evaluate(
        """() => [...document.querySelectorAll("main *, header *, footer *")]
        .filter((one) => one.checkVisibility() && !one.closest("svg, .hidden, pre, .hero .court"))
        .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .map((one) => one.outerHTML.slice(0, 90))"""
    )
    assert beyond == [], path
    assert visitor.overflow() <= 0, path


@pytest.mark.parametrize("large", [False, True], ids=["text as it is", "text of 200 %"])
@pytest.mark.parametrize("size", [PHONE, pytest.param(LAPTOP, marks=pytest.mark.slow)], ids=["phone", "laptop"])
def test_no_word_and_no_size_of_text_bursts_a_page(
    browser: Browser, site: Site, wordy: PublishedClip, size: dict[str, int], large: bool
) -> None:
    player = site.player(WORD, WORD)
    with visiting(browser, site, player, size=size) as visitor:
        if large:
            visitor.network().send("Page.setFontSizes", LARGE)
        live = f"/videos/{player.upload(short_clip(), WORD)['video_id']}"
        for path in [
            live,
            *PATHS,
            wordy.page,
            f"{wordy.page}/report",
            f"/ranking?city={WORD}",
            f"/?city={WORD}&q={WORD}",
        ]:
            whole(visitor, path, large=large)


def inside(part: Locator, visitor: Visitor) -> bool:
    """Say whether an element is fully visible: within the window and not under the phone's bar."""
    box, size = part.bounding_box(), visitor.page.viewport_size
    assert box is not None
    assert size is not None
    bar = visitor.page.locator(".menu").bounding_box()
    assert bar is not None
    floor = bar["y"] if bar["y"] > size["height"] / 2 else size["height"]
    return box["y"] >= 0 and box["y"] + box["height"] <= floor


def at_the_ballot(visitor: Visitor, clip: PublishedClip) -> Locator:
    visitor.go(clip.page)
    button = visitor.page.get_by_role("button", name="Votar por este clip")
    button.scroll_into_view_if_needed()
    return button


def test_the_answer_to_a_vote_stands_where_the_button_was(
    browser: Browser, site: Site, published: PublishedClip
) -> None:
    with visiting(browser, site, site.player("Camila")) as fan:
        button = at_the_ballot(fan, published)
        before = button.bounding_box()
        button.click()
        thanks = fan.page.locator(".settled")
        expect(thanks).to_be_focused()
        after = thanks.bounding_box()
        assert before is not None
        assert after is not None
        assert abs(after["y"] - before["y"]) < before["height"]
        assert inside(thanks, fan)
        assert fan.barriers() == []


def test_a_vote_without_a_signal_is_told_beside_the_button(
    browser: Browser, site: Site, published: PublishedClip
) -> None:
    with visiting(browser, site, site.player("Camila")) as fan:
        button = at_the_ballot(fan, published)
        fan.page.context.set_offline(True)
        button.click()
        told = fan.page.get_by_text("No pudimos conectar.")
        expect(told).to_be_visible()
        assert inside(told, fan)
        expect(button).to_be_enabled()
        fan.page.context.set_offline(False)
        button.click()
        expect(fan.page.locator(".settled")).to_be_focused()


@pytest.mark.slow  # a clip of its own, edited first
def test_a_jurors_vote_is_not_shown_among_the_publics(browser: Browser, site: Site) -> None:
    owner, juror = site.player("Ximena"), site.player("Judith")
    alone = PublishedClip(owner, owner.published())  # no other test votes for it meanwhile
    site.command("user", "role", juror.email, "juror")
    with visiting(browser, site, juror) as visitor:
        button = at_the_ballot(visitor, alone)
        before = visitor.page.locator("[data-votes]").inner_text()
        button.click()
        expect(visitor.page.locator(".settled")).to_be_focused()
        expect(visitor.page.locator("[data-votes]")).to_have_text(before)
        expect(visitor.page.locator("[data-part=count]")).to_contain_text("1 voto del jurado, aparte")


def test_a_phone_on_its_side_shows_the_whole_player(browser: Browser, site: Site, published: PublishedClip) -> None:
    with visiting(browser, site, size=SIDE) as visitor:
        visitor.go(published.page)
        assert inside(visitor.page.locator(".screen"), visitor)
        assert visitor.page.locator(".menu").evaluate("(menu) => getComputedStyle(menu).position") == "static"
        for path in PATHS:
            whole(visitor, path)


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_forced_colours_mark_where_one_is(
    browser: Browser, site: Site, published: PublishedClip, size: dict[str, int]
) -> None:
    with visiting(browser, site, published.owner, size=size, forced_colors="active") as visitor:
        for path in ("/", "/ranking", "/upload", "/me"):
            visitor.go(path)
            here = visitor.page.locator('.menu [aria-current="page"]')
            other = visitor.page.locator(".menu a:not([aria-current])").first
            assert marks(here) != marks(other), path


def marks(item: Locator) -> str:
    """Return what remains of an item's look in forced colours."""
    look: str = item.evaluate(
        """(item) => {
            const { outlineStyle, outlineWidth, textDecorationLine, borderBottomWidth } = getComputedStyle(item);
            return [outlineStyle, outlineWidth, textDecorationLine, borderBottomWidth].join(" ");
        }"""
    )
    return look


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_after_a_refused_form_one_stands_at_what_is_wrong(
    browser: Browser, site: Site, published: PublishedClip, script: bool
) -> None:
    with visiting(browser, site, java_script_enabled=script) as visitor:
        visitor.go("/login")
        visitor.page.get_by_label("Correo electrónico").fill(published.owner.email)
        visitor.page.get_by_label("Contraseña").fill("otra-cosa-9")
        visitor.page.get_by_role("button", name="Entrar").click()
        said = visitor.page.get_by_role("alert")
        expect(said).to_contain_text("Correo o contraseña incorrectos.")
        expect(said).to_be_focused()
        expect(visitor.page.get_by_label("Correo electrónico")).to_have_value(published.owner.email)
