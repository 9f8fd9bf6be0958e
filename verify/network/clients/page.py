"""Our own page in Chromium, used like a person: choose a file, press the button, wait."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page, Request, Response, async_playwright
from playwright.async_api import Error as PlaywrightError

from verify.network.clients.transfer import PAUSE, TITLE, Errand, Report, ServerResponse

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
AT_ONCE = 8  # windows, each a process
SLOW_SECONDS = 300.0  # for a page over a slow network, on a busy machine


def chromium() -> str | None:
    """Return the path of the machine's Chromium."""
    return os.environ.get("ANB_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


class Pages:
    """One Chromium with several windows."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.turn = asyncio.Semaphore(AT_ONCE)

    async def upload(self, errand: Errand, throttle: int | None = None) -> Report:
        """Upload through the page. `throttle` is the rate of Chromium's own throttling in bytes per second."""
        context = await self._browser.new_context(
            ignore_https_errors=True, locale="es-CO", user_agent=errand.agent, viewport={"width": 360, "height": 740}
        )
        context.set_default_timeout(SLOW_SECONDS * 1000)
        try:
            name = "__Host-anb" if errand.protocol == "tls" else "anb"
            secure = errand.protocol == "tls"
            await context.add_cookies(
                [{"name": name, "value": errand.account.token, "url": errand.origin, "httpOnly": True,
                  "sameSite": "Lax", "secure": secure}]
            )  # fmt: skip
            page, report = await context.new_page(), Report()
            page.on("response", lambda answer: _hear(answer, report))
            page.on("requestfailed", lambda request: _miss(request, report))
            await self._send(page, errand, throttle)
            await _wait_for_the_end(page, report)
        finally:
            await context.close()
        return report

    async def _send(self, page: Page, errand: Errand, throttle: int | None) -> None:
        await page.goto(f"{errand.origin}/upload")
        await page.get_by_label("Título").fill(TITLE)
        await page.locator("#video_file").set_input_files(errand.clip.path)
        if throttle is not None:
            wire = await page.context.new_cdp_session(page)
            speeds = {"downloadThroughput": throttle, "uploadThroughput": throttle}
            await wire.send("Network.emulateNetworkConditions", {"offline": False, "latency": 150, **speeds})
        errand.line.progress.arm()  # earlier bytes belong to the page itself
        await page.get_by_role("button", name="Subir clip").click()


async def _wait_for_the_end(page: Page, report: Report) -> None:
    """Wait until the page opens the video or shows an error. Press the button again if it gives up."""
    button = page.get_by_role("button", name="Subir clip")
    while not page.url.split("?")[0].rpartition("/")[0].endswith("/videos"):
        await asyncio.sleep(PAUSE / 2)
        try:
            if await button.is_visible(timeout=1000) and (message := await page.get_by_role("alert").inner_text()):
                report.failures.append(f"the page says: {message}")
                if any(answer.status >= 400 for answer in report.answers[-1:]):
                    report.outcome = "told"
                    return
                await asyncio.sleep(PAUSE)
                await button.click()
        except PlaywrightError:  # the video's page is opening
            continue
    report.outcome = "whole"


def _miss(request: Request, report: Report) -> None:
    if "/api/uploads" in request.url:
        report.failures.append(f"{request.method} {request.failure}")


def _hear(answer: Response, report: Report) -> None:
    if "/api/uploads" in answer.url:
        offset = answer.headers.get("upload-offset")
        kind = answer.headers.get("content-type", "")
        report.answers.append(
            ServerResponse(answer.request.method, answer.status, int(offset) if offset else None, kind)
        )


@asynccontextmanager
async def browsing() -> AsyncIterator[Pages | None]:
    """Run Chromium, or yield None if the machine has none."""
    path = chromium()
    if path is None:
        yield None
        return
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield Pages(browser)
        await browser.close()
