"""A clip in a frame of a page of another origin, in Chromium."""

from collections.abc import Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Browser, expect

from support.browser import LAPTOP, PHONE, PublishedClip, visiting
from support.site import Site

pytestmark = pytest.mark.browser

PLAYED = """(video) => new Promise((done) => {
    video.addEventListener("timeupdate", () => video.currentTime > 0.2 && done(true));
    video.addEventListener("error", () => done(false));
    video.muted = true; video.play();
})"""


@pytest.fixture
def elsewhere(site: Site, published: PublishedClip) -> Iterator[str]:
    """The address of a page of another origin that frames the player, as its description says, and our home page."""
    address = f"{site.url}{published.page}"
    said = site.client().get("/oembed", params={"url": address, "maxwidth": 340}).json()
    page = f'<!doctype html><html lang="es"><title>Otro sitio</title>{said["html"]}<iframe src="{escape(site.url)}/">'

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_the_player_plays_in_a_frame_of_another_site_and_the_home_page_does_not_appear(
    browser: Browser, site: Site, published: PublishedClip, elsewhere: str
) -> None:
    with visiting(browser, site, published.owner) as fan:
        fan.page.goto(elsewhere)
        frame = fan.page.frame_locator("iframe").first
        vote = frame.get_by_role("link", name="Vota")
        expect(vote).to_be_visible()
        assert frame.locator("video").evaluate(PLAYED)
        home = fan.page.frame_locator("iframe").last
        expect(home.locator(".hero")).to_have_count(0)
        with fan.page.expect_popup() as opened:
            vote.click()
        expect(opened.value).to_have_url(f"{site.url}{published.page}")
        assert any("frame-ancestors" in said for said in fan.complaints)  # of the home page


@pytest.mark.parametrize("size", [PHONE, LAPTOP, {"width": 320, "height": 180}], ids=["phone", "laptop", "small frame"])
def test_the_player_fits_and_has_no_barriers(
    browser: Browser, site: Site, published: PublishedClip, size: dict[str, int]
) -> None:
    gone = "/embed/videos/00000000-0000-7000-8000-000000000000"
    with visiting(browser, site, size=size) as fan:
        for path in (f"/embed{published.page}", gone):
            fan.go(path)
            assert fan.overflow() <= 0
            assert fan.page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
            assert fan.barriers() == []
        assert [said for said in fan.complaints if "404" not in said] == []
