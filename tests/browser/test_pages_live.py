"""A clip's page follows its edit: by a stream that reconnects after a cut, or by polling where streams fail."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from support.browser import Visitor, visiting
from support.site import Site, short_clip
from support.waiting import until

pytestmark = pytest.mark.browser

# Notes when the page asked for the job's state, by its own clock.
NOTES = """
window.asked = [];
const fetched = window.fetch;
window.fetch = (address, ...more) => {
  if (String(address).includes("/api/jobs/")) asked.push(performance.now());
  return fetched(address, ...more);
};
"""
JOB: dict[str, Any] = {"state": "queued", "progress": 0, "attempt": 0, "next_try_at": None}


def stream(*jobs: dict[str, Any], end: bool = False) -> dict[str, Any]:
    """Answer as a stream that sends these jobs and is cut; the browser reconnects after a moment."""
    said = "".join(f"event: job\ndata: {json.dumps(JOB | job)}\n\n" for job in jobs)
    return {"content_type": "text/event-stream", "body": "retry: 200\n\n" + said + "event: end\ndata: {}\n\n" * end}


def follow(visitor: Visitor, site: Site, events: Callable[[Route], None], asked: Callable[[Route], None]) -> None:
    """Open the page of a waiting clip; the test decides what the server says of its job."""
    client = site.client()
    client.headers["Cookie"] = f"anb={visitor.page.context.cookies()[0]['value']}"
    client.headers["Sec-Fetch-Site"] = "same-origin"
    with short_clip().open("rb") as clip:
        made = client.post("/api/videos/upload", files={"video_file": clip}, data={"title": "Bandeja"}).json()
    visitor.page.route("**/api/jobs/*/events", events)
    visitor.page.route(f"**/api/jobs/{made['task_id']}", asked)
    visitor.go(f"/videos/{made['video_id']}")


def keep(routes: list[Route]) -> Callable[[Route], None]:
    """Answer nothing, and keep the requests."""

    def kept(route: Route) -> None:
        routes.append(route)

    return kept


def unasked(route: Route) -> None:
    """Answer nothing: a page that has a stream must not ask."""
    route.abort()


@pytest.mark.daily
def test_it_shows_each_state_over_streams_that_are_cut_and_ends_with_the_edit(browser: Browser, site: Site) -> None:
    with visiting(browser, site, site.player("Marta")) as visitor:
        page, reloads, opened = visitor.page, list[str](), list[int]()
        said = [stream({}), stream({"state": "running", "progress": 40}), stream(end=True)]
        shown = ["queued", "editing"]

        def events(route: Route) -> None:
            opened.append(len(opened))
            if len(opened) > len(said):
                route.abort()
                return
            if len(opened) > 1:  # what the previous stream said must be visible first
                step = page.locator(f'li[data-step="{shown[len(opened) - 2]}"]')
                expect(step).to_have_attribute("aria-current", "step")
                expect(page.locator("[data-say]")).not_to_be_empty()
            if len(opened) == len(said):
                expect(page.locator("progress")).to_have_js_property("value", 40)
                expect(page.locator("[data-percent]")).to_contain_text("40")
                page.on("framenavigated", lambda frame: reloads.append(frame.url))
            route.fulfill(**said[len(opened) - 1])

        follow(visitor, site, events, unasked)
        page.wait_for_event("framenavigated", predicate=lambda _: len(opened) >= len(said))
        assert reloads


def test_it_asks_where_no_stream_is_to_be_had(browser: Browser, site: Site) -> None:
    with visiting(browser, site, site.player("Marta")) as visitor:
        opened: list[str] = []

        def refuse(route: Route) -> None:
            opened.append(route.request.url)
            route.fulfill(status=503, content_type="application/problem+json", body="{}")

        follow(visitor, site, refuse, lambda route: route.fulfill(json=JOB | {"state": "running", "progress": 55}))
        page = visitor.page
        expect(page.locator('li[data-step="editing"]')).to_have_attribute("aria-current", "step")
        expect(page.locator("progress")).to_have_js_property("value", 55)
        expect(page.locator("[data-say]")).to_be_empty()
        assert len(opened) == 1


def test_who_has_a_stream_asks_nothing_however_long_it_says_nothing(browser: Browser, site: Site) -> None:
    with visiting(browser, site, site.player("Marta")) as visitor:
        held, asked = list[Route](), list[Route]()
        page = visitor.page
        page.clock.install()
        page.add_init_script(NOTES)
        follow(visitor, site, keep(held), keep(asked))
        until(lambda: held, page=page)
        for _ in range(12):
            page.clock.run_for(5000)
            assert page.evaluate("asked") == []
        assert (len(held), len(asked)) == (1, 0)


@pytest.mark.parametrize(
    ("answer", "least"),
    [({"json": JOB | {"state": "running"}}, [4, 4, 4]), ({"status": 503, "body": "{}"}, [8, 16])],
    ids=["answered", "and less often where nobody answers"],
)
def test_who_has_no_stream_asks_every_few_seconds_at_most(
    browser: Browser, site: Site, answer: dict[str, Any], least: list[int]
) -> None:
    with visiting(browser, site, site.player("Marta")) as visitor:
        page = visitor.page
        page.clock.install()
        page.add_init_script(NOTES)
        follow(visitor, site, lambda route: route.fulfill(status=503, body="{}"), lambda route: route.fulfill(**answer))
        for _ in range(200):
            page.clock.run_for(1000)
            asked: list[float] = page.evaluate("asked")
            if len(asked) > len(least):
                break
        waits = [(after - before) / 1000 for before, after in pairwise(asked)]
        assert all(wait >= bound for wait, bound in zip(waits, least, strict=True)), waits
