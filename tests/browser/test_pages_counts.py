"""The counts of open pages change when another person votes: pushed, not polled, and only while the page is visible."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from support.browser import PHONE, PublishedClip, Visitor, visiting
from support.site import Person, Site

pytestmark = pytest.mark.browser

EVENTS, FRAGMENTS = "**/api/public/events", "**/fragments/**"
# The state of a page's tab when another tab is in front.
ALL_CLOSED = "streams.every((stream) => stream.readyState === EventSource.CLOSED)"  # none reconnects
TICK = 1  # ms: a page's timers count whole ones, and its clock does not
SEEN = """(hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


# Notes each request of the page, and when, by the page's clock; and keeps its streams.
RECORD = """
    window.said = { counts: [], stream: [] };
    window.streams = [];
    const { fetch, EventSource } = window;
    window.fetch = (...asked) => { said.counts.push(performance.now()); return fetch(...asked); };
    window.EventSource = class extends EventSource {
        constructor(address) { super(address); said.stream.push(performance.now()); streams.push(this); }
    };
"""


def told(version: str) -> dict[str, Any]:
    """Answer as a stream that sends a version and is cut; the browser reconnects after a moment."""
    said = f'retry: 300\n\nid: {version}\nevent: lists\ndata: {{"version": "{version}"}}\n\n'
    return {"content_type": "text/event-stream", "body": said}


def vote(site: Site, clip: PublishedClip, name: str = "Camila") -> None:
    """Vote as a player who has not opened the page."""
    fan: Person = site.player(name)
    answer = fan.client.post(f"/api/public/videos/{clip.video['video_id']}/vote")
    assert answer.status_code == 200, answer.text


def votes(page: Page, clip: PublishedClip) -> int:
    """Return the count that a page shows for a clip."""
    return int(page.locator(f'[data-part="votes-{clip.video["video_id"]}"] b').get_attribute("data-votes") or "")


def at_once(visitor: Visitor) -> None:
    """Let a page ask as soon as it is told: the delay of some seconds is for crowds."""
    visitor.page.add_init_script("Math.random = () => 0")


def asked_of(page: Page, part: str) -> list[Request]:
    """Note each request that a page sends to such an address from now on."""
    found: list[Request] = []
    page.on("request", lambda request: found.append(request) if part in request.url else None)
    return found


def watch(visitor: Visitor, path: str, kind: str, times: int) -> list[float]:
    """Advance a page's clock until it has asked this many times; return when, in milliseconds of that clock."""
    visitor.page.clock.install()
    visitor.page.add_init_script(RECORD)
    at_once(visitor)
    visitor.go(path)
    for _ in range(900):
        moments: list[float] = visitor.page.evaluate("(kind) => said[kind]", kind)
        if len(moments) >= times:
            return moments[:times]
        visitor.page.clock.run_for(2000)
    raise AssertionError(moments)


@pytest.fixture
def alone(browser: Browser, site: Site) -> PublishedClip:  # noqa: ARG001 - a machine without Chromium edits no clip
    """A clip that no other test votes for meanwhile."""
    owner = site.player("Xiomara", "Mitú")
    return PublishedClip(owner, owner.published(title=f"Triple {owner.email[:8]}"))


@pytest.mark.daily
def test_a_vote_of_somebody_else_changes_every_open_page(browser: Browser, site: Site, alone: PublishedClip) -> None:
    with visiting(browser, site) as one, visiting(browser, site) as two, visiting(browser, site) as three:
        for visitor, path in ((one, alone.page), (two, "/"), (three, "/ranking?city=mitu")):
            at_once(visitor)
            visitor.go(path)
            visitor.page.evaluate("window.here = true")
        count = one.page.locator("[data-part=count] b")
        before = int(count.get_attribute("data-votes") or "")
        row = three.page.locator("[data-part=standings]")
        shown = row.inner_text()
        assert votes(two.page, alone) == before
        two.page.evaluate("scrollTo(0, 200)")
        two.page.get_by_role("link", name=alone.video["title"]).focus()
        scrolled = two.page.evaluate("scrollY")
        vote(site, alone)
        expect(count).to_have_attribute("data-votes", str(before + 1))
        expect(two.page.locator(f'[data-part="votes-{alone.video["video_id"]}"] b')).to_have_text(str(before + 1))
        expect(row).not_to_have_text(shown, use_inner_text=True)
        # No page was reloaded or scrolled.
        assert [visitor.page.evaluate("window.here") for visitor in (one, two, three)] == [True] * 3
        expect(two.page.get_by_role("link", name=alone.video["title"])).to_be_focused()
        assert two.page.evaluate("scrollY") == scrolled
        assert one.overflow() <= 0
        assert one.barriers() + three.barriers() == []


def test_nothing_is_held_or_asked_while_nobody_looks(browser: Browser, site: Site, alone: PublishedClip) -> None:
    with visiting(browser, site) as hidden, visiting(browser, site) as shown:
        at_once(hidden)
        at_once(shown)
        with hidden.page.expect_response(EVENTS):
            hidden.go(alone.page)
        shown.go(alone.page)
        count = hidden.page.locator("[data-part=count] b")
        before = int(count.get_attribute("data-votes") or "")
        with hidden.page.expect_event("requestfailed", lambda request: request.url.endswith("/api/public/events")):
            hidden.page.evaluate(SEEN, True)
        questions = asked_of(hidden.page, "/")
        vote(site, alone, "Nadia")
        expect(shown.page.locator("[data-part=count] b")).to_have_attribute("data-votes", str(before + 1))
        assert questions == []
        expect(count).to_have_attribute("data-votes", str(before))
        hidden.page.evaluate(SEEN, False)
        expect(count).to_have_attribute("data-votes", str(before + 1))


def test_who_pauses_the_count_keeps_what_is_shown(browser: Browser, site: Site, published: PublishedClip) -> None:
    with visiting(browser, site) as visitor:
        page = visitor.page
        at_once(visitor)
        page.clock.install()
        page.add_init_script(RECORD)
        opened = asked_of(page, "/api/public/events")
        page.route(EVENTS, lambda route: route.fulfill(**told(f"v{len(opened)}")))
        with page.expect_request(FRAGMENTS):
            visitor.go(published.page)
        page.get_by_role("button", name="Pausar el conteo").click()
        before = page.evaluate("said")
        page.clock.run_for(60_000)
        assert page.evaluate("said") == before
        assert page.evaluate(ALL_CLOSED)
        with page.expect_request(EVENTS):
            page.get_by_role("button", name="Seguir el conteo").click()


def test_versions_that_come_all_the_time_are_asked_for_seldom(
    browser: Browser, site: Site, published: PublishedClip
) -> None:
    with visiting(browser, site) as visitor:
        page = visitor.page
        opened, questions = asked_of(page, "/api/public/events"), asked_of(page, "/fragments/")
        page.route(EVENTS, lambda route: route.fulfill(**told(f"v{len(opened)}")))
        asked = watch(visitor, published.page, "counts", 3)
        assert min(later - sooner for sooner, later in pairwise(asked)) >= 10_000 - TICK
        assert [request.headers.get("if-none-match") is None for request in questions[:2]] == [True, False]
        versions = [request.url.partition("?version=v")[2] for request in questions]
        assert len(set(versions)) == len(versions), "each is of the newest version it heard of"


@pytest.mark.parametrize("status", [429, 503])
def test_refused_it_asks_seldom_and_more_seldom(
    browser: Browser, site: Site, published: PublishedClip, status: int
) -> None:
    with visiting(browser, site) as visitor:
        page = visitor.page
        questions = asked_of(page, "/fragments/")
        page.route(EVENTS, lambda route: route.fulfill(status=status, headers={"Retry-After": "5"}, body="{}"))
        tried = watch(visitor, published.page, "stream", 4)
        waits = [later - sooner for sooner, later in pairwise(tried)]
        least = (24_000, 48_000, 96_000)  # 30, 60 and 120 s, earlier by at most a fifth
        assert all(wait >= floor for wait, floor in zip(waits, least, strict=True)), waits
        assert len(questions) == 3, "its counts it gets before each other try"
        assert not any("version" in request.url for request in questions)


@pytest.mark.slow
def test_refused_the_counts_too_it_waits_as_long_as_it_is_told(
    browser: Browser, site: Site, published: PublishedClip
) -> None:
    with visiting(browser, site) as visitor:
        visitor.page.route(EVENTS, lambda route: route.fulfill(status=503, body="{}"))
        told_when = {"Retry-After": "700"}
        visitor.page.route(FRAGMENTS, lambda route: route.fulfill(status=429, headers=told_when, body="{}"))
        opened = asked_of(visitor.page, "/api/public/events")
        asked = watch(visitor, published.page, "counts", 3)
        waits = [later - sooner for sooner, later in pairwise(asked)]
        assert min(waits) >= 560_000, waits  # 700 s, earlier by at most a fifth
        assert len(opened) == 1, "a stream is tried again once the counts are to be had"


def test_a_cut_line_is_taken_up_by_itself(browser: Browser, site: Site, published: PublishedClip) -> None:
    with visiting(browser, site) as visitor:
        at_once(visitor)
        opened = asked_of(visitor.page, "/api/public/events")
        questions = asked_of(visitor.page, "/fragments/")

        def events(route: Route) -> None:
            if len(opened) == 1:
                version = visitor.page.locator("[data-version]").get_attribute("data-version")
                route.fulfill(**told(version or ""))
            elif len(opened) < 4:
                route.abort("internetdisconnected")
            else:
                assert questions == []
                route.fulfill(**told("later"))

        visitor.page.route(EVENTS, events)
        with visitor.page.expect_request(FRAGMENTS) as asked:
            visitor.go(published.page)
        assert asked.value.url.endswith("?version=later")
        assert len(opened) >= 4


@pytest.mark.usefixtures("published")
def test_a_new_first_place_is_said_once(browser: Browser, site: Site) -> None:
    with visiting(browser, site, size=PHONE) as visitor:
        at_once(visitor)
        page = visitor.page
        page.route(EVENTS, lambda route: route.fulfill(**told("new")))
        page.route(FRAGMENTS, other_leader)
        visitor.go("/ranking")
        said = page.locator("[data-told]")
        expect(said).to_contain_text("Zulma Ríos")
        expect(said).to_contain_text("va ahora en primer lugar.")
        expect(page.locator(".podium .step-1 h2")).to_have_text("Zulma Ríos")
        assert visitor.overflow() <= 0


def other_leader(route: Route) -> None:
    """Answer the ranking with another video in first place."""
    answer = route.fetch()
    before, first, rest = answer.text().partition('<li class="step-1">')
    head, _, tail = rest.partition("</bdi>")
    name = head.rpartition("<bdi>")[0] + "<bdi>Zulma Ríos</bdi>"
    route.fulfill(response=answer, body=before + first + name + tail)
