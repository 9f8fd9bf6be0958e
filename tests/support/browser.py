"""Chromium for the browser tests: found on the machine, and kept from contacting anything but the site under test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, ConsoleMessage, Page, expect, sync_playwright

from support.site import Person, Site
from support.waiting import looks

PHONE = {"width": 360, "height": 740}
LAPTOP = {"width": 1280, "height": 800}
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
# What Playwright says on each page: it cannot change or hold back requests of a page that has a worker.
NO_WORKER = "Service Worker registration blocked by Playwright"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium() -> str:
    """Return the machine's Chromium. A developer without one skips these tests; CI must not."""
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
    expect.set_options(timeout=PATIENT)  # several suites run at once on few cores
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@dataclass(frozen=True)
class PublishedClip:
    """A clip that is open to votes, and its owner."""

    owner: Person
    video: dict[str, Any]

    @property
    def page(self) -> str:
        """Return the address of its page."""
        return f"/videos/{self.video['video_id']}"


@dataclass
class Visitor:
    """A visitor with a browser: a page, and everything it complained about."""

    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page of the site."""
        self.page.goto(self.site.url + path)

    def network(self) -> CDPSession:
        """Return the page's connection to the site, to slow it down."""
        return self.page.context.new_cdp_session(self.page)

    def enter(self, secret: str) -> None:
        """Take the session with this secret."""
        self.page.context.add_cookies([{"name": "anb", "value": secret, "url": self.site.url}])

    def overflow(self) -> int:
        """Return how many pixels the page scrolls sideways."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return wide

    def barriers(self) -> list[str]:
        """Return what axe-core finds on the page."""
        axe = Axe("0") if self.page.evaluate("'axe' in window") else Axe()  # half a megabyte: once per page
        found = axe.run(self.page, options={"runOnly": RULES, "resultTypes": ["violations"]}).response["violations"]
        return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and message.text != NO_WORKER:
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
    wishes = {"locale": "es-CO", "viewport": size, "color_scheme": scheme, "service_workers": "block", **more}
    context = browser.new_context(**wishes)
    context.set_default_timeout(PATIENT)
    if person is not None:
        secret = entered(site, person)
        context.add_cookies([{"name": "anb", "value": secret, "url": site.url, "httpOnly": True, "sameSite": "Lax"}])
    visitor = Visitor(context.new_page(), site)
    visitor.page.on("console", visitor._hear)
    visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    yield visitor
    context.close()


def entered(site: Site, person: Person) -> str:
    """Sign a person in with the form; return the cookie."""
    client = site.client()
    client.headers["Sec-Fetch-Site"] = "same-origin"
    form = {"email": person.email, "password": person.password}
    for answer in looks(lambda: client.post("/login", data=form), 60, pause=0.5):
        if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:  # too many sign-ins at once
            break
    assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
    return client.cookies["anb"]


def slow_down(network: CDPSession, *, seconds: float, size: int) -> None:
    """Let a page send `size` bytes in about `seconds` seconds."""
    speeds = {"downloadThroughput": -1, "uploadThroughput": size / seconds}
    network.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0, **speeds})


def cut(network: CDPSession) -> None:
    """Take a page offline, until it is slowed down again."""
    speeds = {"downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", {"offline": True, "latency": 0, **speeds})
