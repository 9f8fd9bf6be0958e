"""Chromium for the browser floor: found on the machine, kept from talking to anybody but the site under test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, ConsoleMessage, Page, expect, sync_playwright

from support.site import Person, Site

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
PATIENT = 20_000  # milliseconds
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium() -> str:
    """Return the machine's Chromium. A newcomer without one skips these tests; CI must not."""
    found = os.environ.get("ANB_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    reason = "no Chromium on this machine: install it, or name one in ANB_TEST_CHROMIUM"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def launched() -> Iterator[Browser]:
    """Run Chromium, headless."""
    path = chromium()
    expect.set_options(timeout=PATIENT)  # the floors run beside each other on few cores
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Published:
    """A clip that is open to votes, and whose it is."""

    owner: Person
    video: dict[str, Any]

    @property
    def page(self) -> str:
        """Return the address of its page."""
        return f"/videos/{self.video['video_id']}"


@dataclass
class Visitor:
    """Somebody at a browser: a page, and everything it complained about."""

    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page of the site."""
        self.page.goto(self.site.url + path)

    def network(self) -> CDPSession:
        """Return the page's line to the site, to be slowed down."""
        return self.page.context.new_cdp_session(self.page)

    def overflow(self) -> int:
        """Return how many pixels one would have to scroll sideways."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return wide

    def barriers(self) -> list[str]:
        """Return what axe-core finds on the page."""
        axe = Axe("0") if self.page.evaluate("'axe' in window") else Axe()  # half a megabyte: once a page
        found = axe.run(self.page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
        return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")


@contextmanager
def visiting(
    browser: Browser,
    site: Site,
    person: Person | None = None,
    *,
    size: dict[str, int] = PHONE,
    scheme: Literal["light", "dark"] = "light",
    **more: Any,
) -> Iterator[Visitor]:
    """Open a window of its own, signed in as a person if one is given; Spanish unless told otherwise."""
    wishes = {"locale": "es-CO", "viewport": size, "color_scheme": scheme, **more}
    context = browser.new_context(**wishes)
    context.set_default_timeout(PATIENT)
    if person is not None:
        token = person.client.headers["Authorization"].removeprefix("Bearer ")
        context.add_cookies([{"name": "anb", "value": token, "url": site.url, "httpOnly": True, "sameSite": "Lax"}])
    visitor = Visitor(context.new_page(), site)
    visitor.page.on("console", visitor._hear)
    visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    yield visitor
    context.close()


def slow_down(network: CDPSession, *, seconds: float, size: int) -> None:
    """Let a page send so many bytes in about so many seconds."""
    speeds = {"downloadThroughput": -1, "uploadThroughput": size / seconds}
    network.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0, **speeds})
